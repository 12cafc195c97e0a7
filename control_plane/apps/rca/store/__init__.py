"""Calls of the SQL functions of schema rca, and the values that they return."""

from services.backends import Backends
from services.backends.functions import Functions
from services.errors import NotReady


def functions_of(backends: Backends) -> Functions:
    """The object that calls the SQL functions of rca. Raises NotReady on the backend `memory`, which has no such
    functions."""
    if backends.functions is None:
        raise NotReady("rca: needs a database; the memory backend has none")
    return backends.functions
