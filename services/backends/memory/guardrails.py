"""Guardrails in memory."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from services.backends.memory.accounts import accounts_of
from services.backends.memory.audit import audit_change
from services.backends.memory.check_texts import check_texts
from services.backends.memory.lanes import release_held
from services.backends.memory.state import Bucket, State
from services.envelope import MAX_PAYLOAD_BYTES, Actor
from services.errors import InvalidInput
from services.guardrails import GuardrailSettings, Policy, RateAsk, RateGrant
from services.guardrails.validate import FIELDS, parse_settings
from services.jsonb import field_text, jsonb_text, stored

ALMOST = 1e-9
"""A token that floating point left this little short is whole."""


@check_texts
class MemoryGuardrails:
    """See `services.guardrails.Guardrails`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        known = [self._state.tenants[tenant] for tenant in set(tenants) & self._state.tenants.keys()]
        return {
            tenant.id: Policy(
                tenant_id=tenant.id,
                paused_at=tenant.paused_at,
                paused_reason=tenant.paused_reason,
                settings=self._settings(tenant.id),
                accounts=tuple(accounts_of(self._state, tenant.id)),
            )
            for tenant in known
        }

    async def save(self, settings: GuardrailSettings, *, actor: Actor) -> None:
        with self._state.change() as now:
            _check(settings)
            self._state.require_tenant(settings.tenant_id)
            before = self._state.guardrails.get(settings.tenant_id)
            row_id = before[0] if before else uuid4()
            kept = replace(
                settings,
                quiet_hours=stored(settings.quiet_hours),
                scopes=stored(settings.scopes),
                rate_limits=stored(settings.rate_limits),
            )
            self._state.guardrails[settings.tenant_id] = (row_id, kept)
            release_held(self._state, settings.tenant_id, {"quiet_hours", "rate", "scopes", "readable"}, now)
            audit_change(
                self._state, "guardrails", tenant=settings.tenant_id, by=actor, now=now,
                before=_row(*before) if before else None, after=_row(row_id, kept),
            )  # fmt: skip

    async def take_rate_tokens(self, asks: Sequence[RateAsk]) -> dict[tuple[UUID, str], RateGrant]:
        with self._state.change() as now:
            return {(ask.tenant_id, ask.bucket): self._take(ask, now) for ask in asks}

    async def hold_bucket(self, ask: RateAsk, *, until: datetime) -> None:
        with self._state.change():
            filled_at = until - timedelta(seconds=ask.per_seconds / ask.capacity)
            before = self._state.buckets.get((ask.tenant_id, ask.bucket))
            later = filled_at if before is None else max(before.filled_at, filled_at)
            self._state.buckets[ask.tenant_id, ask.bucket] = Bucket(0.0, later)

    def _settings(self, tenant: UUID) -> GuardrailSettings:
        kept = self._state.guardrails.get(tenant)
        return kept[1] if kept else GuardrailSettings(tenant_id=tenant)

    def _take(self, ask: RateAsk, now: datetime) -> RateGrant:
        bucket = self._state.buckets.get((ask.tenant_id, ask.bucket), Bucket(ask.capacity, now))
        passed = max(0.0, (now - bucket.filled_at).total_seconds())
        tokens = min(float(ask.capacity), bucket.tokens + passed * ask.capacity / ask.per_seconds)
        granted = min(ask.wanted, math.floor(tokens + ALMOST))
        left = Bucket(tokens - granted, max(bucket.filled_at, now))
        self._state.buckets[ask.tenant_id, ask.bucket] = left
        wait = timedelta(seconds=(1 - left.tokens) * ask.per_seconds / ask.capacity)
        return RateGrant(granted=granted, free_at=left.filled_at + wait if left.tokens < 1 else None)


def _check(settings: GuardrailSettings) -> None:
    named = (field_text(settings.quiet_hours, name) for name in ("time_zone", "timezone"))
    zone = next((name for name in named if name is not None), None)
    if zone is not None and zone not in _zones():
        raise InvalidInput(
            "quiet_hours.time_zone", f"{zone!r} is not an IANA time zone; write one such as Europe/Berlin"
        )
    for field in ("quiet_hours", "scopes", "rate_limits"):
        size = len(jsonb_text(getattr(settings, field)).encode())
        if size > MAX_PAYLOAD_BYTES:
            raise InvalidInput(field, f"is {size} bytes as JSON; at most {MAX_PAYLOAD_BYTES} fit")
    parse_settings(settings.tenant_id, {name: getattr(settings, name) for name in FIELDS})


def _row(row_id: UUID, settings: GuardrailSettings) -> Mapping[str, Any]:
    return {"id": row_id, **asdict(settings)}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
