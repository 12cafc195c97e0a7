"""Write tenants."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from services.backends.memory.audit import audit_change
from services.backends.memory.column_rules import check_text
from services.backends.memory.state import State
from services.envelope import Actor
from services.jsonb import moment_text
from services.tenants import Tenant

MAX_BYTES_OF_TEXTS = {"name": 1024, "plan": 1024, "paused_reason": 16_384}
"""The largest size of each column, in bytes."""


def write_tenant(state: State, before: Tenant | None, after: Tenant, by: Actor, now: datetime) -> None:
    """Store a tenant and its audit row. Raises InvalidInput."""
    for field, at_most in MAX_BYTES_OF_TEXTS.items():
        check_text(field, getattr(after, field), at_most)
    state.tenants[after.id] = after
    audit_change(
        state, "tenants", tenant=after.id, by=by, now=now,
        before=_table_row(before) if before else None, after=_table_row(after),
    )  # fmt: skip


def without_ended_pause(tenant: Tenant, now: datetime) -> Tenant:
    """The tenant as readers see it. Its row keeps a pause that has ended."""
    if tenant.pause_ends_at is None or tenant.pause_ends_at > now:
        return tenant
    return replace(tenant, paused_at=None, paused_reason=None, pause_ends_at=None)


def next_paused_at(state: State, tenant: Tenant, now: datetime) -> datetime:
    """The `changed_at` of a new pause: now or, if the tenant has a later pause, just after that pause."""
    moments = [pause.changed_at for key, pause in state.pauses.items() if key[0] == tenant.id]
    if tenant.paused_at is not None:
        moments.append(tenant.paused_at)
    return max([now, *(moment + timedelta(microseconds=1) for moment in moments)])


def _table_row(tenant: Tenant) -> Mapping[str, Any]:
    row = asdict(tenant)
    moments = {field: row[field] and moment_text(row[field]) for field in ("paused_at", "pause_ends_at")}
    return {**row, **moments}
