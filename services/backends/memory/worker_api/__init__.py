"""The functions of `db/functions/worker_api/`, one per file, with the same names.

The first argument is the state; the others are those of the service's method.
"""
