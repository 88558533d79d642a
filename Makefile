# Everything a newcomer types. Needs Python 3.11 or newer, make and git; each target sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup run test check check-security bench conformance clients screenshots image push deploy cost clean lock

PYTHON ?= python3
FOR ?=
RATE ?= 50
PORT ?= 4566
ENVIRONMENT ?= default
CONFIRM ?= yes
BENCHMARKS ?= generator producer transform firehose athena console

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# A __pycache__ in functions/ would be zipped by sam and make a new version out of an unchanged function.
export PYTHONDONTWRITEBYTECODE = 1
export SAM_CLI_TELEMETRY = 0

PIP_INSTALL = -m pip install --quiet --require-hashes --no-deps --requirement

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

run: setup ## run the whole pipeline on this machine (FOR=60s bounds it, RATE=50, PORT=4566)
	@.venv/bin/python -m local run --port $(PORT) --for "$(FOR)" \
		--query sql/queries/per_minute_last_hour.sql --audit sql/audit/verdict.sql --role-output ProducerTaskRoleArn \
		-- .venv/bin/python -m producer --delivery-stream signups --rate $(RATE) --log-format text

test: .venv/.dev .venv-sam/.installed .venv-lambda/.installed ## run the tests
	@.venv/bin/python -m pytest -n 2 --dist loadfile

check: .venv/.dev .venv-sam/.installed ## lint, types, import contracts, the template and how many seeded mistakes in it are caught
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/cfn-lint template.yaml
	.venv/bin/zizmor --offline --quiet .github/workflows
	AWS_DEFAULT_REGION=us-east-1 .venv-sam/bin/sam validate --lint --template template.yaml
	.venv/bin/python -m tests.template

check-security: .venv-security/.installed ## checkov over the template (each skip has its reason beside the resource), hadolint over the Dockerfile
	@.venv-security/bin/checkov --file template.yaml --framework cloudformation --compact --quiet --skip-download
	@.venv-security/bin/hadolint producer/Dockerfile

bench: .venv/.dev .venv-sam/.installed .venv-lambda/.installed ## the headline figures, against peers in the same run (BENCHMARKS=producer picks one)
	@for each in $(BENCHMARKS); do echo "== $$each"; .venv/bin/python -m benchmarks.$$each || exit 1; done

conformance: setup .venv/.dev ## how many of AWS's observed behaviours hold here (ENDPOINT=aws asks a real account)
	@.venv/bin/python -m tests.conformance $(if $(ENDPOINT),--endpoint $(ENDPOINT))

clients: setup .venv/.dev ## the heavy AWS clients, each in an environment of its own, against the local AWS
	@.venv/bin/python -m tests.clients

screenshots: setup .venv/.dev ## make the README's pictures anew (needs chromium)
	@.venv/bin/python -m tests.console.screenshots

deploy: .venv/.run .venv-sam/.installed ## sam deploy to AWS, with your own credentials (ENVIRONMENT=production)
	@.venv/bin/python -m local deploy --aws --config-env $(ENVIRONMENT) $(if $(filter no,$(CONFIRM)),-- --no-confirm-changeset)

cost: .venv/.run ## what traffic costs on AWS a month (RATES="1 100 10000" sign-ups a second, PRICES="ingestion=0.05")
	@.venv/bin/python -m local.cost $(if $(RATES),--rate $(RATES)) $(foreach each,$(PRICES),--price $(each))

image: ## build the producer's image for this machine
	docker build --file producer/Dockerfile --tag how-fake-producer .

push: ## build it for amd64 and arm64, push it (REPOSITORY=<account>.dkr.ecr.<region>.amazonaws.com/NAME), print the parameter
	@test -n "$(REPOSITORY)" || { echo "error: push where to? make push REPOSITORY=<account>.dkr.ecr.<region>.amazonaws.com/NAME"; exit 2; }
	@mkdir -p .state
	docker buildx build --platform linux/amd64,linux/arm64 --file producer/Dockerfile --tag "$(REPOSITORY)" \
		--metadata-file .state/image.json --push .
	@$(PYTHON) -c 'import json; print("ProducerImageUri=$(REPOSITORY)@" + json.load(open(".state/image.json"))["containerimage.digest"])'

setup: .venv/.run .venv-sam/.installed .venv-lambda/.installed ## install what `make run` needs

clean: ## remove environments, caches and local state
	rm -rf .venv .venv-sam .venv-lambda .venv-security .state .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

# -- environments ------------------------------------------------------------------------------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is $$($(PYTHON) -V 2>&1); Python 3.11 or newer is needed (make PYTHON=python3.12 …)"; exit 1; }
	@echo "creating .venv"
	@$(PYTHON) -m venv .venv || { echo "error: $(PYTHON) cannot make environments: install its venv package"; exit 1; }

.venv/.run: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "installing the library, the producer and the local AWS (once, about a minute)"
	@.venv/bin/python $(PIP_INSTALL) requirements/run.txt
	@.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	@echo "installing tests and linters (once)"
	@.venv/bin/python $(PIP_INSTALL) requirements/dev.txt
	@touch $@

.venv-sam/.installed: requirements/sam.txt | .venv/bin/python
	@echo "installing aws-sam-cli in an environment of its own (once)"
	@.venv/bin/python -m venv .venv-sam
	@.venv-sam/bin/python $(PIP_INSTALL) requirements/sam.txt
	@touch $@

.venv-lambda/.installed: requirements/lambda.txt | .venv/bin/python
	@echo "installing the Lambda runtime client in an environment of its own (once)"
	@.venv/bin/python -m venv .venv-lambda
	@.venv-lambda/bin/python $(PIP_INSTALL) requirements/lambda.txt
	@touch $@

.venv-security/.installed: requirements/security.txt | .venv/bin/python
	@echo "installing checkov in an environment of its own (once)"
	@.venv/bin/python -m venv .venv-security
	@.venv-security/bin/python $(PIP_INSTALL) requirements/security.txt
	@touch $@

# -- maintenance ---------------------------------------------------------------------------------------------------

UV_COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

lock: ## compile requirements/*.txt anew (needs uv)
	cd requirements && $(UV_COMPILE) run.in -o run.txt
	cd requirements && $(UV_COMPILE) dev.in --constraint run.txt -o dev.txt
	cd requirements && $(UV_COMPILE) producer.in --constraint run.txt -o producer.txt
	cd requirements && $(UV_COMPILE) sam.in -o sam.txt
	cd requirements && $(UV_COMPILE) lambda.in -o lambda.txt
	cd requirements && $(UV_COMPILE) security.in -o security.txt
	cd tests/clients && for each in awswrangler sqlalchemy dbt pyspark; do $(UV_COMPILE) $$each.in -o $$each.txt; done
