"""What a cluster needs before autopilot may answer its tickets, and the answers that autopilot gave or would give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from control_plane.apps.autopilot.clusters import KnowledgeStatus, StoredCluster, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A ticket that a person should judge next."""

    id: UUID
    external_id: str
    subject: str
    description: str | None
    """At most 4,000 characters."""
    resolution: str | None
    """At most 4,000 characters."""
    external_status: str
    score: float | None
    """The distance to the centre of the cluster: 0 is the centre. None: not known."""
    source_created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketVerdict:
    """What a person says of a ticket. Without a verdict, an earlier one is removed."""

    ticket_id: UUID
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedTicket:
    """A ticket that was not judged, and why."""

    ticket_id: UUID
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTickets:
    """What became of several verdicts."""

    cluster: StoredCluster
    judged: Sequence[UUID]
    skipped: Sequence[SkippedTicket]


class DryRunStatus(StrEnum):
    """The state of a dry-run."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        return self not in {DryRunStatus.PENDING, DryRunStatus.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What autopilot would have answered to past tickets of a cluster."""

    organization_id: UUID
    id: UUID
    cluster_id: UUID
    status: DryRunStatus
    started_by: str | None
    cases: int
    """How many past tickets it answers."""
    done: int
    answered: int
    """For how many of the done tickets there was an answer; for the others autopilot abstained."""
    similarity: float | None
    """The mean cosine of the answers to what people answered. None: there was no answer."""
    error_message: str | None
    lease_token: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunSummary:
    """The newest dry-run of a cluster, as far as readiness needs it."""

    id: UUID
    status: DryRunStatus
    cases: int
    done: int
    answered: int
    similarity: float | None
    created_at: datetime
    completed_at: datetime | None
    is_current: bool
    """Whether it was completed with the present articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a cluster needs before it may answer by itself, and how far it is."""

    cluster_id: UUID
    trusted: int
    """How many of its tickets people trust."""
    wrong: int
    target: int | None
    """How many trusted tickets are wanted. None: nobody has set it."""
    needed: int | None
    """How many trusted tickets are enough."""
    percent: int | None
    """How much of the target is reached."""
    kb_status: KnowledgeStatus
    articles: int
    """How many active articles are linked to it."""
    dry_run: DryRunSummary | None
    auto_respond: bool
    auto_respond_at: datetime | None
    """Since when tickets are answered. Only tickets that came later are."""
    response_tool_slug: str | None
    """The tool that answers tickets. None: none is answered."""
    is_ready: bool
    missing: Sequence[str]
    """Why it is not ready: a line for each reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunCase:
    """One past ticket: what people answered, and what autopilot would have answered."""

    place: int
    """Its place in the dry-run, from 1."""
    ticket_id: UUID
    external_id: str
    subject: str
    description: str | None
    resolution: str | None
    answer: str | None
    """None: autopilot would abstain."""
    article_id: UUID | None
    article_title: str | None
    article_url: str | None
    score: float | None
    """How well the best passage fits the ticket, from 0 to 1."""
    similarity: float | None
    """The cosine of the answer to the resolution."""
    reason: str | None
    """Why autopilot would abstain."""


class ResponseState(StrEnum):
    """What became of the automatic response to a ticket."""

    QUEUED = "queued"
    """The envelope is in the outbox: guardrails, people and the worker decide."""
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    ABSTAINED = "abstained"
    """No article answers the ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketResponse:
    """The automatic response to a ticket."""

    ticket_id: UUID
    external_id: str
    subject: str
    cluster_id: UUID | None
    state: ResponseState
    envelope_id: UUID | None
    answer: str | None
    article_id: UUID | None
    article_title: str | None
    article_url: str | None
    score: float | None
    reason: str | None
    """Why autopilot abstained, or why the response was not sent."""
    verdict: Verdict | None
    created_at: datetime
    settled_at: datetime | None
