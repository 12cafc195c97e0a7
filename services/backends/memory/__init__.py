"""The memory backend: every service over one state in memory, for tests.

`worker_api/` has the functions of `db/functions/worker_api/`, one per file; beside it is what several of them share.
`adapters/` are the services, a class each, which call those functions and do nothing else.
"""
