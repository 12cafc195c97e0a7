"""The catalog: the tools of each tenant, in all versions, and how they are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.envelope import Actor, Risk


class ToolStatus(StrEnum):
    """The state of one version of a tool."""

    ACTIVE = "active"
    DRIFTED = "drifted"
    """The provider changed the tool, and nobody has decided yet. Each call needs a person's approval."""
    BLOCKED = "blocked"
    """The provider changed the tool, and a person rejected the change."""
    QUARANTINED = "quarantined"
    """A new tool, or the changed version of a drifted one. Nobody has accepted it."""
    REJECTED = "rejected"
    """A quarantined or accepted version that a person rejected."""
    RETIRED = "retired"
    """Another version replaced it."""
    REMOVED = "removed"
    """The provider does not offer the tool now. Its envelopes are held until the provider offers it again."""


ACCEPTED_STATUSES = frozenset({ToolStatus.ACTIVE, ToolStatus.DRIFTED, ToolStatus.BLOCKED, ToolStatus.REMOVED})
"""The states of accepted versions. A sync compares what a source lists with the newest accepted version."""
CANDIDATE_STATUSES = frozenset({ToolStatus.QUARANTINED, ToolStatus.REJECTED})
"""The states of new tools and changed versions that nobody has accepted."""
NEW_TOOL_DRIFT = "new: its source did not offer it before"
"""The first line of `drift` of a new tool."""


class ToolDecision(StrEnum):
    """A person's decision on a new or changed tool."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class SyncChange(StrEnum):
    """How a sync changed a tool."""

    NEW = "new"
    ADDED = "added"
    """The tool is new, and its source is trusted."""
    UNCHANGED = "unchanged"
    DRIFTED = "drifted"
    REVERTED = "reverted"
    """The definition of the tool is the accepted one again."""
    RETURNED = "returned"
    """The tool was removed and is offered again."""
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One row of `tool_catalog`."""

    tenant_id: UUID
    tool_slug: str
    """The toolkit, two underscores, and the tool's own name, such as `GMAIL__drafts.create`."""
    version: str
    display_name: str = ""
    description: str = ""
    """Untrusted text: shown to people, never followed."""
    risk: Risk = Risk.LOW
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the arguments."""
    required_scopes: tuple[str, ...] = ()
    """The scopes that a call requires, such as `SLACK.CHAT:WRITE`."""
    provider: str
    """The provider that makes the call: a name in `services.tools.registry`."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """The values that the provider needs for a call. The provider's `check_config` defines the fields."""
    idempotent: bool = False
    """Whether the tool honours the idempotency key: two calls with one key have one effect."""
    rate_bucket: str | None = None
    """The rate bucket of its calls, such as `slack.minute`. The tenant's guardrails set the limit of the bucket."""
    scan: Mapping[str, Any] | None = None
    """How scans call the tool: `category` and `arguments`. None if they do not. Set by a person or by a rule of the
    operator, never by its provider."""
    source: str = ""
    """The source that lists it: a server, a toolkit or a manifest. Empty for a tool that a person added."""
    annotations: Mapping[str, Any] = field(default_factory=dict)
    """Hints of the provider, such as `readOnlyHint`. They are claims, not facts."""
    schema_hash: str = ""
    """The hash of the provider's definition, as `services.catalog.definition` computes it."""
    status: ToolStatus = ToolStatus.ACTIVE
    drift: tuple[str, ...] = ()
    """The differences from the accepted version, one per line. For a new tool the first line is NEW_TOOL_DRIFT.
    Untrusted text."""
    drifted_to: str | None = None
    """The schema hash of the quarantined version: the changed version of a drifted tool, or this version itself."""
    subscription_id: UUID | None = None
    """The subscription to which this tool delivers events. Such a tool is not in the catalog. None for all other
    tools."""
    unreadable: str | None = None
    """The columns that cannot be read, and why. They are empty here, and the tool is not called."""
    stamp: str | None = field(default=None, compare=False)
    """A text that differs after every change. None if the database is older than this field, or the tool was not read
    by key."""

    @property
    def is_new(self) -> bool:
        """Whether no version of the tool was ever accepted."""
        return self.status in CANDIDATE_STATUSES and self.drift[:1] == (NEW_TOOL_DRIFT,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEntry:
    """A tool that a source lists, in the form in which the catalog saves it."""

    tool: Tool
    since: str = ""
    """The schema hash of the accepted version with which `drift` compares; empty if there is none."""
    trusted: bool = False
    """Whether the source is trusted, so that a new tool may be called without acceptance."""
    former: str | None = None
    """The schema hash of the same definition by an earlier version of this product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedTool:
    """How a sync changed one tool."""

    tool_slug: str
    version: str
    change: SyncChange
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedTool:
    """The result of a decision on a tool."""

    version: str
    envelopes: int
    """How many envelopes waited for this decision."""


class ToolKey(NamedTuple):
    """The key of a catalog entry. Without a version, the key of the newest version that is not retired."""

    tenant_id: UUID
    tool_slug: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTool:
    """A tool as its provider describes it. Its texts are untrusted: shown to people, never obeyed."""

    name: str
    title: str = ""
    """The name that people see."""
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the arguments."""
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of the result. This schema says which parts of a result are secret."""
    task_support: str = ""
    """Whether an MCP server runs it as a task: `forbidden`, `optional` or `required`; empty if unknown."""
    annotations: Mapping[str, Any] = field(default_factory=dict)
    """Hints such as `readOnlyHint` and `idempotentHint`. They are claims, not facts."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What the provider needs for a call: part of the catalog's `config`."""
    version: str = ""
    """The provider's version of the tool; empty if it has none."""
    scopes: tuple[str, ...] = ()
    """The scopes that the tool requires, in the provider's spelling."""


class Catalog(Protocol):
    """The tools of all tenants."""

    async def list_tools(self, tenant: UUID) -> list[Tool]:
        """Every version of every tool, sorted by slug, the newest version first."""

    async def find(self, keys: Iterable[ToolKey]) -> dict[ToolKey, Tool]:
        """The entries with these keys. Unknown keys are missing from the result."""

    async def save(self, tools: Sequence[Tool], *, actor: Actor) -> None:
        """Add entries or replace them, by (tenant, slug, version). Raises NotFound for an unknown tenant."""

    async def sync(
        self, tenant: UUID, *, provider: str, source: str, tools: Sequence[SyncEntry], actor: Actor
    ) -> list[SyncedTool]:
        """Save the whole listing of one source: see `worker_api.sync_tools`.

        Raises NotFound for an unknown tenant, StateConflict if the catalog has changed meanwhile or a slug belongs to
        another source.
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
        """Accept or reject the new or changed tool with this hash. Its envelopes are judged again, or rejected.

        Without a pending decision, an accepted tool may be rejected, which needs a reason: see
        `worker_api.decide_tool`. Raises NotFound if there is nothing to decide, StateConflict if the tool has changed
        again, and InvalidInput without that reason.
        """
