"""Everything the memory backend knows: plain dicts of values that never change themselves."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from services.accounts import Account
from services.approvals import ApprovalDecision
from services.audit_log import AuditRow
from services.catalog import Tool
from services.clock import Clock
from services.envelope import Envelope, EnvelopeKey
from services.errors import NotFound
from services.evidence import Evidence, Signal
from services.guardrails import GuardrailSettings
from services.job_runs import JobRun
from services.objectives import Objective
from services.outbox import Lease
from services.tenants import Tenant

LaneKey = tuple[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row of `app_private.lanes`; `db/migrations/001_init.sql` says what `ready_at` counts."""

    ready_at: datetime | None = None
    set_at: datetime | None = None
    """When `ready_at` was written; later than now: the clock was set back since."""
    worker_id: str | None = None
    token: int = 0
    in_flight: Mapping[UUID, int] = field(default_factory=dict)
    """Each envelope with the token under which it was handed out."""
    sent: frozenset[UUID] = frozenset()
    claim_id: UUID | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptApproval:
    """One row of `approvals`, decided or open."""

    id: UUID
    tenant_id: UUID
    envelope_id: UUID
    digest: str
    reason: str
    requested_at: datetime
    expires_at: datetime
    decision: ApprovalDecision | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One row of `app_private.rate_buckets`."""

    tokens: float
    filled_at: datetime


@dataclass(slots=True)
class Tables:
    """One dict per table, by primary key. A rule and a tool carry the row's id beside them."""

    tenants: dict[UUID, Tenant] = field(default_factory=dict)
    objectives: dict[tuple[UUID, UUID], Objective] = field(default_factory=dict)
    guardrails: dict[UUID, tuple[UUID, GuardrailSettings]] = field(default_factory=dict)
    accounts: dict[tuple[UUID, UUID], Account] = field(default_factory=dict)
    tools: dict[tuple[UUID, str, str], tuple[int, Tool]] = field(default_factory=dict)
    outbox: dict[EnvelopeKey, Envelope] = field(default_factory=dict)
    dead_letters: dict[EnvelopeKey, Envelope] = field(default_factory=dict)
    external_ids: dict[tuple[UUID, str], UUID] = field(default_factory=dict)
    """Which envelope holds a key, alive or dead: a key is never free again."""
    settled_under: dict[EnvelopeKey, Lease] = field(default_factory=dict)
    """The lease under which an envelope's last attempt was settled."""
    approvals: dict[UUID, KeptApproval] = field(default_factory=dict)
    lanes: dict[LaneKey, Lane] = field(default_factory=dict)
    buckets: dict[tuple[UUID, str], Bucket] = field(default_factory=dict)
    evidence: dict[tuple[UUID, UUID], Evidence] = field(default_factory=dict)
    signals: dict[tuple[UUID, str, UUID | None], Signal] = field(default_factory=dict)
    job_runs: dict[UUID, JobRun] = field(default_factory=dict)
    audit_log: dict[tuple[UUID, int], AuditRow] = field(default_factory=dict)
    audit_heads: dict[UUID, tuple[int, str]] = field(default_factory=dict)
    """Where each tenant's chain ends: the last seq and its hash in hex."""


class State(Tables):
    """The tables, the clock, and the bell for whoever waits for work."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.woken = asyncio.Event()
        self.woken.set()  # something may have come before anybody listened

    @contextmanager
    def change(self) -> Iterator[datetime]:
        """One transaction at one moment: everything it wrote is taken back when it raises."""
        tables = [table.name for table in fields(Tables)]
        before = {name: dict(getattr(self, name)) for name in tables}
        try:
            yield self.clock()
        except BaseException:
            for name in tables:
                setattr(self, name, before[name])
            raise

    def require_tenant(self, tenant: UUID, field_name: str = "tenant_id") -> Tenant:
        """The tenant, or NotFound."""
        if tenant in self.tenants:
            return self.tenants[tenant]
        raise NotFound("tenant", tenant, field=field_name)

    def by_external_id(self, tenant: UUID, external_id: str) -> Envelope | None:
        """The envelope that holds this key, wherever its life has led it."""
        held = self.external_ids.get((tenant, external_id))
        return None if held is None else self.outbox.get((tenant, held)) or self.dead_letters[tenant, held]
