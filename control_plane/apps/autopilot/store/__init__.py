"""Calls of the SQL functions of schema autopilot, and the values that they return."""

from services.backends import Backends
from services.backends.functions import Functions
from services.errors import NotReady


def functions_of(backends: Backends) -> Functions:
    """The object that calls the SQL functions of autopilot. Raises NotReady on the backend `memory`, which has no such
    functions."""
    if backends.functions is None:
        raise NotReady("autopilot: needs a database; the memory backend has none")
    return backends.functions
