"""An envelope: one tool call that an agent proposed, and everything that became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

MAX_PAYLOAD_BYTES = 64 * 1024
"""The most that arguments, trust_context or metadata may measure as JSON text; `db/migrations/001_init.sql` agrees."""


class Risk(StrEnum):
    """How much harm the call could do; decides retries and which trust it needs."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Status(StrEnum):
    """Where an envelope stands. `docs/lifecycle.md` draws the arrows between these."""

    PENDING = "pending"
    AWAITING_APPROVAL = "awaiting_approval"
    UNKNOWN = "unknown"
    SUCCESS = "success"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """In the dead-letter queue: the attempts are used up, or the tool said a final no."""
    DENIED = "denied"
    """In the dead-letter queue: a guardrail said never."""


OPEN = frozenset({Status.PENDING, Status.AWAITING_APPROVAL, Status.UNKNOWN})
"""While an envelope is in one of these, the later ones with its ordering key wait."""
WAITING = frozenset({Status.PENDING, Status.AWAITING_APPROVAL})
"""An envelope in one of these may still be cancelled, expire, or be pinned to another version of its tool."""
DEAD = frozenset({Status.FAILED, Status.DENIED})
"""The two states that live in `outbox_dlq`."""

EnvelopeKey = tuple[UUID, UUID]
"""An envelope's tenant and its id: two tenants may have envelopes of one id."""

DEADLINE_PASSED = "its deadline has passed"
"""Why an envelope expired that nobody was asked about."""


class ActorType(StrEnum):
    """What kind of actor it was."""

    AGENT = "agent"
    """Proposes envelopes."""
    WORKER = "worker"
    """Executes them."""
    OPERATOR = "operator"
    """A person, or a program of theirs, who runs this product."""
    USER = "user"
    """A person of the tenant, known by their own token."""
    SYSTEM = "system"
    """Jobs, the clock, and a session of the database that did not say who it is."""
    OTHER = "other"
    """Another word, in an audit row from before the database refused it. Never written; `audit export` has the word."""


class Door(StrEnum):
    """Through which way in an actor came."""

    CLI = "cli"
    API = "api"
    MCP = "mcp"
    CONSOLE = "console"
    JOB = "job"
    SQL = "sql"
    WORKER = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it, as the audit log names them."""

    type: ActorType
    id: str
    door: Door | None = None
    """None where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One row of `outbox` or `outbox_dlq`."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    tool_version: str | None = None
    """The catalog version it was proposed against; it never runs against another."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    connected_account_id: str | None = None
    risk: Risk = Risk.LOW
    external_id: str
    trust_context: Mapping[str, Any] = field(default_factory=dict)
    """What the proposer says about itself: `score` (0–1; missing counts as 0), `evidence` (a list of references)."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """`ordering_key` asks for order, `traceparent` carries the trace; the rest is the proposer's."""
    status: Status = Status.PENDING
    attempts: int = 0
    """Attempts that ended, counted from 0; the attempt under way is `attempts + 1`."""
    next_run_at: datetime | None = None
    """Not before this moment. None in the dead-letter queue."""
    must_run_before: datetime | None = None
    """Its call begins before this moment or never; None sets no end to its waiting."""
    last_error: str | None = None
    lane: int = 0
    verdicts: tuple[Mapping[str, Any], ...] = ()
    """What each guardrail said when it was last asked; see `services.guardrails.Verdict`."""
    result: Any = None
    """What the tool answered, once it succeeded."""
    approved_digest: str | None = None
    """Digest of the call a person approved; it satisfies the trust guardrail for exactly that call."""
    created_at: datetime
    updated_at: datetime
    moved_at: datetime | None = None
    """When it became a dead letter; None elsewhere."""
    doubtful: bool = False
    """With a dead letter: its effect may have happened, so only a person who names it gives it back."""
    unreadable: str | None = None
    """Which of its columns cannot be read, and why; they are left empty here, and it is not called."""

    @property
    def key(self) -> EnvelopeKey:
        """Its tenant and its id."""
        return self.tenant_id, self.id

    def is_late(self, now: datetime) -> bool:
        """Whether its deadline has come."""
        return self.must_run_before is not None and self.must_run_before <= now
