"""An envelope: one proposed tool call and its whole history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.values import value

MAX_PAYLOAD_BYTES = 64 * 1024
"""The largest size of arguments, trust_context or metadata as JSON text, as in `db/migrations/001_init.sql`."""


class Risk(StrEnum):
    """How much harm the call could do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def highest_risk(*risks: Risk) -> Risk:
    """The highest of these risks. If an envelope and its tool have different risks, the highest one counts."""
    return max(risks, key=list(Risk).index)


class Status(StrEnum):
    """The state of an envelope; `docs/lifecycle.md` shows the transitions."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    UNKNOWN = "unknown"
    SUCCESS = "success"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """In the dead-letter queue: the attempts are used up, or the tool refused for good."""
    DENIED = "denied"
    """In the dead-letter queue: a guardrail forbids the call."""


OPEN_STATUSES = frozenset({Status.PENDING, Status.AWAITING_APPROVAL, Status.UNKNOWN})
"""The open states: while an envelope is in one of these, later envelopes with the same ordering key wait."""
WAITING_STATUSES = frozenset({Status.PENDING, Status.AWAITING_APPROVAL})
"""An envelope in one of these can still be cancelled, expire, or change to another version of its tool."""
DEAD_STATUSES = frozenset({Status.FAILED, Status.DENIED})
"""The states of dead letters, in `outbox_dlq`."""

EnvelopeKey = tuple[UUID, UUID]
"""Tenant and id: envelopes of two tenants may have the same id."""

DEADLINE_PASSED = "its deadline has passed"
"""Why an envelope expired without a pending approval."""


class ActorType(StrEnum):
    """The kind of an actor."""

    AGENT = "agent"
    """Proposes envelopes."""
    WORKER = "worker"
    """Executes envelopes."""
    OPERATOR = "operator"
    """A person who runs this product, or a program of theirs."""
    USER = "user"
    """A person of the tenant, identified by a JWT."""
    SYSTEM = "system"
    """Jobs, the scheduler, and database sessions that name no actor."""
    OTHER = "other"
    """Any other word, in an audit row from before the database checked this column. `audit export` shows the word."""


class Door(StrEnum):
    """The entry point that an actor used."""

    CLI = "cli"
    API = "api"
    MCP = "mcp"
    CONSOLE = "console"
    JOB = "job"
    SQL = "sql"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The author of a change, as the audit log names it."""

    type: ActorType
    id: str
    door: Door | None = None
    """None if unknown."""

    @property
    def principal(self) -> str:
        """Type and id, such as `agent:bot`."""
        return f"{self.type}:{self.id}"


@value
class Envelope:
    """One row of `outbox` or `outbox_dlq`."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    tool_version: str | None = None
    """The catalog version that was proposed. No other version is called."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    connected_account_id: str | None = None
    risk: Risk = Risk.LOW
    external_id: str
    trust_context: Mapping[str, Any] = field(default_factory=dict)
    """Claims of the proposer: `score` (0–1; missing counts as 0), `evidence` (a list of references)."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Additional fields: `ordering_key`, `traceparent`, and those that only the proposer uses."""
    status: Status = Status.PENDING
    attempts: int = 0
    """How many attempts have ended; the running attempt is number `attempts + 1`."""
    next_run_at: datetime | None = None
    """The earliest time of the call. None for a dead letter."""
    must_run_before: datetime | None = None
    """The deadline: the call begins before this time or not at all. None for no deadline."""
    last_error: str | None = None
    lane: int = 0
    verdicts: tuple[Mapping[str, Any], ...] = ()
    """The latest verdict of each guardrail; see `services.guardrails.Verdict`."""
    result: Any = None
    """The tool's answer to a call that succeeded."""
    proposed_by: str | None = None
    """The `principal` of the actor who proposed it, who may not approve it. None if the envelope is older than this
    field."""
    proposed_arguments: Mapping[str, Any] | None = None
    """The proposed arguments if a reviewer edited them; `arguments` has the edited ones then. None otherwise."""
    objective_id: UUID | None = None
    """The objective of its tenant that the call serves. None if it names none."""
    approved_digest: str | None = None
    """The digest of the call that a person approved. The approval holds for exactly that call."""
    created_at: datetime
    updated_at: datetime
    moved_at: datetime | None = None
    """When it became a dead letter; None if it is not one."""
    doubtful: bool = False
    """Whether the effect of a dead letter may have happened: it is then requeued only when a person names it."""
    unreadable: str | None = None
    """The columns that cannot be read, and why. They are empty here, and the call is held."""

    @property
    def proposer_id(self) -> str | None:
        """The id of the proposer, without the type."""
        return None if self.proposed_by is None else self.proposed_by.partition(":")[2]

    @property
    def key(self) -> EnvelopeKey:
        """Tenant and id."""
        return self.tenant_id, self.id

    def is_late(self, now: datetime) -> bool:
        """Whether the deadline of the envelope has passed."""
        return self.must_run_before is not None and self.must_run_before <= now
