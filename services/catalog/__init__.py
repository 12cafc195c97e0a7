"""The catalog: which tools a tenant has, in which version, and how each call leaves the building."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Risk


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One row of `tool_catalog`."""

    tenant_id: UUID
    tool_slug: str
    """Such as `GMAIL__drafts.create`: toolkit, two underscores, the tool's own name."""
    version: str
    display_name: str = ""
    description: str = ""
    """Text from outside: shown to people, never obeyed."""
    risk: Risk = Risk.LOW
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the arguments."""
    required_scopes: tuple[str, ...] = ()
    """Such as `SLACK.CHAT:WRITE`."""
    provider: str
    """`mcp` or `http`: which provider in `services.tools` makes the call."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What the provider needs: `url` and `secret` (a name in the settings) for http, `server` and `tool` for mcp."""
    idempotent: bool = False
    """Whether the tool honours our idempotency key: the same key twice has one effect."""
    rate_bucket: str | None = None
    """Such as `slack.minute`; the tenant's guardrails say how much it holds."""


class ToolKey(NamedTuple):
    """Names a catalog entry; without a version, the newest."""

    tenant_id: UUID
    tool_slug: str
    version: str | None


class Catalog(Protocol):
    """Which tools a tenant has."""

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        """Every version of every tool, by slug, the newest first."""

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        """The entries these keys name; a key that names none is missing from the answer."""

    async def save(self, tools: Sequence[Tool], *, by: str) -> None:
        """Add entries or replace them, by (tenant, slug, version). Raises NotFound for an unknown tenant."""
