"""Lambda functions, run by awslambdaric, AWS's own runtime client, in processes of an environment of their own.

Not modelled: layers, container images, runtimes other than Python (whatever `Runtime` says, the interpreter that
the gateway was given runs it), VPCs, provisioned concurrency, dead-letter queues, arm64.
"""
