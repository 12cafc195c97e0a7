"""The state of the memory backend: one dict of immutable values per table."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts import Account
from services.api_tokens import ApiToken
from services.approvals import ApprovalRecord
from services.audit_log import AuditRow
from services.catalog import Tool
from services.clock import Clock
from services.envelope import Envelope, EnvelopeKey
from services.errors import NotFound
from services.evidence import Evidence, Signal
from services.grants import Grant, GrantUse
from services.guardrails import GuardrailSettings, GuardrailVersion
from services.job_runs import JobRun
from services.objectives import Objective
from services.outbox import Lease
from services.pauses import Pause
from services.shadow_runs import ShadowRun, ShadowVerdict
from services.subscriptions import Subscription
from services.subscriptions.inbound import InboundWebhook
from services.subscriptions.slack_users import SlackUser
from services.tenants import Tenant

LaneKey = tuple[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of `app_private.lanes`. See *Lanes and `ready_at`* in docs/architecture.md."""

    ready_at: datetime | None = None
    set_at: datetime | None = None
    """When `ready_at` was written. If it lies in the future, the clock was set back since."""
    worker_id: str | None = None
    token: int = 0
    in_flight: Mapping[UUID, int] = field(default_factory=dict)
    """The envelopes in flight, each with the token under which it was claimed."""
    sent: frozenset[UUID] = frozenset()
    claim_id: UUID | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Bucket:
    """A row of `app_private.rate_buckets`."""

    tokens: float
    filled_at: datetime


@dataclass(slots=True)
class Tables:
    """One dict per table, by primary key. `guardrails` and `tools` also have the id of the row."""

    tenants: dict[UUID, Tenant] = field(default_factory=dict)
    objectives: dict[tuple[UUID, UUID], Objective] = field(default_factory=dict)
    guardrails: dict[UUID, tuple[UUID, GuardrailSettings]] = field(default_factory=dict)
    guardrail_versions: dict[tuple[UUID, int], GuardrailVersion] = field(default_factory=dict)
    accounts: dict[tuple[UUID, UUID], Account] = field(default_factory=dict)
    tools: dict[tuple[UUID, str, str], tuple[int, Tool]] = field(default_factory=dict)
    outbox: dict[EnvelopeKey, Envelope] = field(default_factory=dict)
    dead_letters: dict[EnvelopeKey, Envelope] = field(default_factory=dict)
    external_ids: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    """The envelope or dead letter that has an external_id."""
    settled_under: dict[EnvelopeKey, Lease] = field(default_factory=dict)
    """The lease under which an envelope's last attempt was settled."""
    approvals: dict[UUID, ApprovalRecord] = field(default_factory=dict)
    viewers: dict[tuple[UUID, UUID, str], datetime] = field(default_factory=dict)
    """When a person was last seen looking at an approval, by tenant, envelope and principal."""
    pauses: dict[tuple[UUID, str, str], Pause] = field(default_factory=dict)
    """Pauses by tenant, kind and target."""
    grants: dict[tuple[UUID, UUID], Grant] = field(default_factory=dict)
    grant_uses: dict[tuple[EnvelopeKey, Lease], GrantUse] = field(default_factory=dict)
    """Uses of grants by envelope and by the lease under which a grant allowed the call."""
    shadow_runs: dict[tuple[UUID, UUID], ShadowRun] = field(default_factory=dict)
    shadow_verdicts: dict[tuple[UUID, UUID, UUID], tuple[datetime, ShadowVerdict]] = field(default_factory=dict)
    """Shadow verdicts by tenant, run and envelope, each with the time of the judgement."""
    lanes: dict[LaneKey, Lane] = field(default_factory=dict)
    buckets: dict[tuple[UUID, str], Bucket] = field(default_factory=dict)
    request_buckets: dict[tuple[UUID, str], Bucket] = field(default_factory=dict)
    """Request buckets by tenant and caller; an empty caller is the whole tenant."""
    evidence: dict[tuple[UUID, UUID], Evidence] = field(default_factory=dict)
    signals: dict[tuple[UUID, str, UUID | None], Signal] = field(default_factory=dict)
    api_tokens: dict[tuple[UUID, UUID], tuple[bytes, ApiToken]] = field(default_factory=dict)
    """Each token with its hash."""
    subscriptions: dict[tuple[UUID, UUID], Subscription] = field(default_factory=dict)
    deliveries: dict[tuple[UUID, UUID], frozenset[UUID]] = field(default_factory=dict)
    """The envelopes that deliver events and are not counted yet, by subscription."""
    inbound_webhooks: dict[tuple[UUID, UUID], InboundWebhook] = field(default_factory=dict)
    slack_users: dict[tuple[UUID, str, str], SlackUser] = field(default_factory=dict)
    job_runs: dict[UUID, JobRun] = field(default_factory=dict)
    end_counts: dict[tuple[UUID | None, timedelta, datetime], Mapping[str, int]] = field(default_factory=dict)
    """Counts by tenant (None: all tenants together), length of the span and start of the span."""
    end_positions: dict[UUID, int] = field(default_factory=dict)
    audit_log: dict[tuple[UUID, int], AuditRow] = field(default_factory=dict)
    audit_heads: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    """The end of each tenant's chain: the last seq and its hash in hex."""


class State(Tables):
    """The tables, the clock, and the event that ends a worker's wait."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.work_arrived = asyncio.Event()
        self.work_arrived.set()  # work may have arrived before the first wait

    @contextmanager
    def change(self) -> Iterator[datetime]:
        """A transaction. Yields the time at which it acts, and undoes every change if the block raises."""
        tables = [table.name for table in fields(Tables)]
        before = {name: dict(getattr(self, name)) for name in tables}
        try:
            yield self.clock()
        except BaseException:
            for name in tables:
                setattr(self, name, before[name])
            raise

    def require_tenant(self, tenant: UUID, field_name: str = "tenant_id") -> Tenant:
        """The tenant. Raises NotFound."""
        if tenant in self.tenants:
            return self.tenants[tenant]
        raise NotFound("tenant", tenant, field=field_name)

    def find_by_external_id(self, tenant: UUID, external_id: str) -> Envelope | None:
        """The envelope or dead letter with this external_id, or None."""
        id_ = self.external_ids.get((tenant, external_id))
        return None if id_ is None else self.outbox.get((tenant, id_)) or self.dead_letters[tenant, id_]
