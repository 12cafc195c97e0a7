"""All providers. To add one, write its folder and add it here."""

from collections.abc import Mapping
from typing import Any

from services.tools.amqp import AMQP
from services.tools.composio import COMPOSIO
from services.tools.http import HTTP
from services.tools.mcp import MCP
from services.tools.spec import ProviderSpec

PROVIDERS: Mapping[str, ProviderSpec[Any]] = {spec.name: spec for spec in (HTTP, MCP, COMPOSIO, AMQP)}


def unknown_provider(name: str) -> str:
    """The problem with a name that no provider has."""
    return f"{name!r} is not one of {', '.join(PROVIDERS)}"
