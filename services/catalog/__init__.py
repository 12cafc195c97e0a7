"""The catalog: which tools a tenant has, in which version, and how each call leaves the building."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Actor, Risk


class ToolStatus(StrEnum):
    """Whether a version of a tool may be called."""

    ACTIVE = "active"
    DRIFTED = "drifted"
    """Its provider changed it, and nobody has decided: called only where a person approves the very call."""
    BLOCKED = "blocked"
    """Its provider changed it, and a person said no."""
    QUARANTINED = "quarantined"
    """New to its source, or what a drifted one became: nobody has accepted it."""
    REJECTED = "rejected"
    """The same, and a person said no; or it was accepted once, and a person said no later."""
    RETIRED = "retired"
    """Another version took its place."""
    REMOVED = "removed"
    """Its provider offers it no more: its envelopes are held until it is back."""


ACCEPTED = frozenset({ToolStatus.ACTIVE, ToolStatus.DRIFTED, ToolStatus.BLOCKED, ToolStatus.REMOVED})
"""Of the version that people and agents rely on, or did; the newest one counts."""
CANDIDATE = frozenset({ToolStatus.QUARANTINED, ToolStatus.REJECTED})
"""Of what took its place at the provider, or is new there."""
NEW = "new: its source did not offer it before"
"""The first line of `drift` of a tool that no person has accepted in any version."""


class ToolDecision(StrEnum):
    """What a person says of a tool that is new, or that its provider changed."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class SyncChange(StrEnum):
    """What a sync found of one tool."""

    NEW = "new"
    ADDED = "added"
    """New, and its source is trusted."""
    UNCHANGED = "unchanged"
    DRIFTED = "drifted"
    REVERTED = "reverted"
    """It is again what was accepted."""
    RETURNED = "returned"
    """It was removed, and is offered again."""
    REMOVED = "removed"


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
    """Which provider makes the call: a name in `services.tools.registry`."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What the provider needs: its `check_config` says which fields."""
    idempotent: bool = False
    """Whether the tool honours our idempotency key: the same key twice has one effect."""
    rate_bucket: str | None = None
    """Such as `slack.minute`; the tenant's guardrails say how much it holds."""
    scan: Mapping[str, Any] | None = None
    """How scans call it, if they do: `category`, and the `arguments` they send. A person or a rule of the operator says
    so, never its provider."""
    source: str = ""
    """Where the provider found it: a server, a toolkit, a manifest. Empty for a tool that a person added."""
    annotations: Mapping[str, Any] = field(default_factory=dict)
    """Hints of the provider, such as `readOnlyHint`: its claims, not facts."""
    schema_hash: str = ""
    """Of what the provider said; `services.catalog.definition` says how."""
    status: ToolStatus = ToolStatus.ACTIVE
    drift: tuple[str, ...] = ()
    """What changed against the accepted version, a line each, or NEW first. Text from outside."""
    drifted_to: str | None = None
    """The schema hash of what a drifted one became, and of a quarantined one its own."""
    unreadable: str | None = None
    """Which of its columns cannot be read, and why; they are left empty here, and it is not called."""

    @property
    def is_new(self) -> bool:
        """Whether it waits for a person, or was rejected, and no version of it was ever accepted."""
        return self.status in CANDIDATE and self.drift[:1] == (NEW,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEntry:
    """One tool of a listing, and what the catalog needs to know of it."""

    tool: Tool
    since: str = ""
    """The schema hash of the accepted version that its `drift` was read against; empty for none."""
    trusted: bool = False
    """It may be called though it is new."""
    former: str | None = None
    """A schema hash that stands for the same definition: an earlier version of ours hashed it so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedTool:
    """What a sync did about one tool."""

    tool_slug: str
    version: str
    change: SyncChange
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedTool:
    """What accepting or rejecting a new or changed tool did."""

    version: str
    envelopes: int
    """How many had waited for it."""


class ToolKey(NamedTuple):
    """Names a catalog entry; without a version, the newest that was not retired."""

    tenant_id: UUID
    tool_slug: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTool:
    """One tool as its provider describes it. Text from outside: shown to people, never obeyed."""

    name: str
    title: str = ""
    """What people are shown in place of the name."""
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the arguments."""
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the result: what is secret in it."""
    task_support: str = ""
    """Whether an MCP server runs it as a task: `forbidden`, `optional`, `required`; empty where it does not say."""
    annotations: Mapping[str, Any] = field(default_factory=dict)
    """Hints such as `readOnlyHint` and `idempotentHint`; claims of the server, not facts."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """How its provider finds it again when it is called: what goes into the catalog's `config`."""
    version: str = ""
    """The provider's own; empty when it has none."""
    scopes: tuple[str, ...] = ()
    """Rights the provider says the tool needs, in the provider's own words."""


class Catalog(Protocol):
    """Which tools a tenant has."""

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        """Every version of every tool, by slug, the newest first."""

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        """The entries these keys name; a key that names none is missing from the answer."""

    async def save(self, tools: Sequence[Tool], *, actor: Actor) -> None:
        """Add entries or replace them, by (tenant, slug, version). Raises NotFound for an unknown tenant."""

    async def sync(
        self, tenant: UUID, *, provider: str, source: str, tools: Sequence[SyncEntry], actor: Actor
    ) -> list[SyncedTool]:
        """Write the whole listing of one source: see `worker_api.sync_tools`.

        Raises NotFound for an unknown tenant, StateConflict when the catalog has changed meanwhile or a slug belongs to
        somebody else.
        """

    async def decide(
        self,
        tenant: UUID,
        tool_slug: str,
        *,
        decision: ToolDecision,
        schema_hash: str,
        actor: Actor,
        reason: str | None = None,
    ) -> DecidedTool:
        """`accepted` or `rejected`, about the new or changed tool with this hash; what waited goes on, or is rejected.

        Where none waits, `rejected` is about the accepted tool, and needs a reason: see `worker_api.decide_tool`.
        Raises NotFound when nothing waits for a decision, StateConflict when the tool has changed once more, and
        InvalidInput without that reason.
        """
