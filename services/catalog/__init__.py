"""The catalog: which tools a tenant has, in which version, and how each call leaves the building."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
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
