"""Guardrails: their verdicts, and the settings and policies that they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.accounts import Account
from services.envelope import Actor
from services.grants import Grant
from services.pauses import Pause
from services.stamps import Stamps
from services.values import value


class Decision(StrEnum):
    """The decisions, from mildest to strictest. The strictest verdict counts."""

    ALLOW = "allow"
    HOLD = "hold"
    NEEDS_APPROVAL = "needs_approval"
    DENY = "deny"


@value
class Verdict:
    """The answer of one guardrail."""

    guardrail: str
    """One of `tool`, `paused`, `account`, `scopes`, `evidence`, `trust`, `rules`, `quiet_hours` and `rate`, asked in
    this order; or only `readable`, if a row is unreadable."""
    decision: Decision
    reason: str
    """One sentence for a person, with the remedy and without arguments or secrets."""
    until: datetime | None = None
    """When a `hold` ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailSettings:
    """One row of `guardrails`: a tenant's settings, as stored."""

    tenant_id: UUID
    quiet_hours: Mapping[str, Any] = field(default_factory=dict)
    """A document that `services.guardrails.quiet_hours.parse` reads; empty for no quiet hours."""
    trust_threshold: float = 0.0
    """A number from 0 to 1. An envelope with a lower trust score needs approval."""
    scopes: Mapping[str, Any] = field(default_factory=dict)
    """`{"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}`; empty allows every scope."""
    require_evidence: bool = False
    evidence_max_age: int | None = None
    """In seconds. With `require_evidence`, a scan must have seen cited evidence within this time; None for any age."""
    rate_limits: Mapping[str, Any] = field(default_factory=dict)
    """`{"limit": n, "per_seconds": s}` by rate bucket, the `rate_bucket` of the catalog."""
    approval_rules: Mapping[str, Any] = field(default_factory=dict)
    """`{"two_people": [...], "require": [...]}`; `services.guardrails.approval_rules` describes both."""
    approval_reminders: Mapping[str, Any] = field(default_factory=dict)
    """`{"default": [{"after_seconds": n}]}`, or by risk; `services.guardrails.reminders` describes it."""

    @property
    def document(self) -> dict[str, Any]:
        """All settings by name, as `services.guardrails.validate.parse_settings` reads them."""
        return {field_.name: getattr(self, field_.name) for field_ in fields_of(self) if field_.name != "tenant_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailVersion:
    """The guardrails of a tenant from one change to the next."""

    tenant_id: UUID
    version: int
    """The number of the version, from 1 for each tenant."""
    document: Mapping[str, Any]
    """The fields of the settings; missing ones have their default."""
    actor: Actor
    """Who made the change."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A shadow run that has not ended, and its candidate."""

    run_id: UUID
    settings: GuardrailSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything about a tenant that the guardrails read, as of one time."""

    tenant_id: UUID
    paused_at: datetime | None = None
    paused_reason: str | None = None
    pause_ends_at: datetime | None = None
    """None if the pause lasts until a person resumes the tenant. The pause may have ended since the policy was read."""
    pauses: tuple[Pause, ...] = ()
    """The pauses of tools, accounts and agents. Some may have ended since they were read."""
    grants: tuple[Grant, ...] = ()
    """The open grants, in the order in which they were issued. They may have expired since they were read. An agent
    sees none."""
    shadow: Shadow | None = None
    """The tenant's shadow run. It may have ended since it was read."""
    settings: GuardrailSettings
    version: int = 0
    """The version of the settings, from 1; 0 as long as a tenant has the defaults."""
    accounts: tuple[Account, ...] = ()
    unreadable: str | None = None
    """Why the tenant's rules or accounts cannot be read. All its envelopes are held then."""
    stamp: str | None = field(default=None, compare=False)
    """A text that differs after every change. None if the database is older than this field."""

    @property
    def last_paused_at(self) -> datetime | None:
        """When the latest pause in this policy was started or changed; None if there is none."""
        moments = [pause.changed_at for pause in self.pauses]
        return max(moments if self.paused_at is None else [*moments, self.paused_at], default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRequest:
    """A request for tokens from a tenant's rate bucket."""

    tenant_id: UUID
    bucket: str
    """A name from `services.guardrails.rate.bucket_of`."""
    wanted: int
    capacity: int
    per_seconds: float
    """The bucket gets capacity / per_seconds tokens per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateGrant:
    """How many tokens were taken, and when the next one is free."""

    granted: int
    free_at: datetime | None
    """When the next token is free; None if one is free now."""


class Guardrails(Protocol):
    """The guardrail settings and rate buckets of all tenants."""

    async def policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        """The policy of each tenant. Unknown tenants are missing from the result."""

    async def stamps(self, tenant: UUID, tool_slugs: Iterable[str]) -> Stamps:
        """The stamps of the tenant's policy and of these tools now."""

    async def save(self, settings: GuardrailSettings, *, actor: Actor, replaces: int | None = None) -> None:
        """Store a tenant's settings. Held envelopes are judged again. Raises NotFound, InvalidInput.

        With `replaces`, a `Policy.version`, raises StateConflict if the settings have another version now.
        """

    async def list_versions(self, tenant: UUID, *, limit: int, version: int | None = None) -> list[GuardrailVersion]:
        """The versions of a tenant's settings, the newest first; only `version` if it is given."""

    async def take_rate_tokens(self, requests: Sequence[RateRequest]) -> dict[tuple[UUID, str], RateGrant]:
        """Take tokens, by (tenant, bucket). `requests` may name a bucket only once."""

    async def hold_bucket(self, request: RateRequest, *, until: datetime) -> None:
        """Empty the bucket, because a tool answered with Retry-After. At `until` the bucket has one token again."""
