"""`python -m shop.worker`: RQ's worker, which forks for each job; with `--simple` its SimpleWorker, which doesn't.

The job's code is imported before, in the parent, as RQ's documentation advises for speed.
"""
import sys

from rq import SimpleWorker, Worker

from . import tasks  # noqa: F401
from .store import queue, queue_connection

kind = SimpleWorker if "--simple" in sys.argv else Worker
kind([queue], connection=queue_connection).work()
