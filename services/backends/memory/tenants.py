"""Tenants in memory."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.backends.memory.audit import audit_change
from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import State
from services.envelope import Actor
from services.errors import InvalidInput
from services.jsonb import moment_text
from services.tenants import Tenant

MAX_LANES = 256


@check_texts
class MemoryTenants:
    """See `services.tenants.Tenants`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_tenants(self) -> list[Tenant]:
        return sorted(self._state.tenants.values(), key=lambda tenant: (tenant.name, tenant.id))

    async def get(self, tenant: UUID) -> Tenant:
        return self._state.require_tenant(tenant, "tenant")

    async def save(self, tenant: Tenant, *, actor: Actor) -> None:
        if not 1 <= tenant.lanes <= MAX_LANES:
            raise InvalidInput("lanes", f"breaks its rule (must be from 1 to {MAX_LANES})")
        if tenant.name == "":
            raise InvalidInput("name", "breaks its rule (must not be empty)")
        with self._state.change() as now:
            before = self._state.tenants.get(tenant.id)
            pause = (before.paused_at, before.paused_reason) if before else (None, None)
            self._write(before, replace(tenant, paused_at=pause[0], paused_reason=pause[1]), actor, now)

    async def pause(self, tenant: UUID, *, actor: Actor, reason: str | None) -> None:
        with self._state.change() as now:
            before = self._state.require_tenant(tenant, "tenant")
            paused_reason = before.paused_reason if reason is None else reason
            paused_at = before.paused_at or now
            self._write(before, replace(before, paused_at=paused_at, paused_reason=paused_reason), actor, now)

    async def resume(self, tenant: UUID, *, actor: Actor) -> None:
        with self._state.change() as now:
            before = self._state.require_tenant(tenant, "tenant")
            release_held(self._state, tenant, {"paused"}, now)
            self._write(before, replace(before, paused_at=None, paused_reason=None), actor, now)

    def _write(self, before: Tenant | None, after: Tenant, actor: Actor, now: datetime) -> None:
        self._state.tenants[after.id] = after
        audit_change(
            self._state, "tenants", tenant=after.id, by=actor, now=now,
            before=_row(before) if before else None, after=_row(after),
        )  # fmt: skip


def _row(tenant: Tenant) -> Mapping[str, Any]:
    paused_at = None if tenant.paused_at is None else moment_text(tenant.paused_at)
    return {**asdict(tenant), "paused_at": paused_at}
