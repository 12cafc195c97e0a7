"""Calls of the SQL functions of schema drafts, and the values that they return."""

from services.backends import Backends
from services.backends.functions import Functions
from services.errors import NotReady


def functions_of(backends: Backends) -> Functions:
    """What calls the functions of drafts. Raises NotReady on the backend `memory`, which has none."""
    if backends.functions is None:
        raise NotReady("drafts: needs a database; the memory backend has none")
    return backends.functions
