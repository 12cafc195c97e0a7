"""The memory backend, for tests: all services on one in-memory state.

`worker_api/` has one file for each function of `db/functions/worker_api/`. The modules beside it have what several of
these functions share. `adapters/` has one class for each service; its methods only call these functions.
"""
