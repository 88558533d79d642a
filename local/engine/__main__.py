"""`python -m local.engine`: answer requests from standard input until it closes."""

from local.engine.worker import work

work()
