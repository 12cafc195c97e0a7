"""Guardrails judge an envelope: what they may say, and what they look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.accounts import Account
from services.envelope import Actor


class Decision(StrEnum):
    """From mildest to strictest: the strictest verdict decides."""

    ALLOW = "allow"
    HOLD = "hold"
    NEEDS_APPROVAL = "needs_approval"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one guardrail said, and why."""

    guardrail: str
    """Asked in this order: `tool`, `paused`, `account`, `scopes`, `evidence`, `trust`, `quiet_hours`, `rate`.
    `readable` alone where something cannot be read."""
    decision: Decision
    reason: str
    """One sentence for a person, with the remedy; never arguments or secrets."""
    until: datetime | None = None
    """With `hold`: not before this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailSettings:
    """One row of `guardrails`, as written: what a tenant allows its agents to do alone."""

    tenant_id: UUID
    quiet_hours: Mapping[str, Any] = field(default_factory=dict)
    """Empty for none; either shape that `services.guardrails.quiet_hours.parse` reads."""
    trust_threshold: float = 0.0
    """0–1; an envelope whose trust score is below it needs approval."""
    scopes: Mapping[str, Any] = field(default_factory=dict)
    """`{"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}`; empty allows every scope."""
    require_evidence: bool = False
    evidence_max_age: int | None = None
    """Seconds: with `require_evidence`, a scan must have seen some of it since. None: naming some is enough."""
    rate_limits: Mapping[str, Any] = field(default_factory=dict)
    """Bucket to `{"limit": n, "per_seconds": s}`; the bucket names are the catalog's `rate_bucket`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything about a tenant that the guardrails look at, read at one moment."""

    tenant_id: UUID
    paused_at: datetime | None = None
    paused_reason: str | None = None
    settings: GuardrailSettings
    accounts: tuple[Account, ...] = ()
    unreadable: str | None = None
    """Why the tenant's rules or accounts cannot be read as a whole: all its envelopes wait then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRequest:
    """Calls about to be made that draw on one tenant's rate bucket."""

    tenant_id: UUID
    bucket: str
    """As `services.guardrails.rate.bucket_of` names it."""
    wanted: int
    capacity: int
    per_seconds: float
    """The bucket fills at capacity / per_seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateGrant:
    """How many of those calls may be made now, and when the next token is there."""

    granted: int
    free_at: datetime | None
    """None when there is another one now."""


class Guardrails(Protocol):
    """What each tenant allows its agents to do alone."""

    async def policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        """Everything the guardrails look at; an unknown tenant is missing from the answer."""

    async def save(self, settings: GuardrailSettings, *, actor: Actor) -> None:
        """Write a tenant's guardrails; what they held is judged again. Raises NotFound, InvalidInput."""

    async def take_rate_tokens(self, asks: Sequence[RateRequest]) -> dict[tuple[UUID, str], RateGrant]:
        """Take tokens for calls about to be made, by (tenant, bucket); each bucket at most once in `asks`."""

    async def hold_bucket(self, ask: RateRequest, *, until: datetime) -> None:
        """A tool wants to be left alone until then: the bucket is empty, and has one token at that moment."""
