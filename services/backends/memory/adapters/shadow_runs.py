"""Shadow runs in memory."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.forget_shadow_runs import forget_shadow_runs
from services.backends.memory.worker_api.list_shadow_differences import list_shadow_differences
from services.backends.memory.worker_api.list_shadow_runs import list_shadow_runs
from services.backends.memory.worker_api.record_shadow import record_shadow
from services.backends.memory.worker_api.start_shadow import start_shadow
from services.backends.memory.worker_api.stop_shadow import stop_shadow
from services.envelope import Actor
from services.shadow_runs import ShadowRun, ShadowVerdict


class MemoryShadowRuns:
    """See `services.shadow_runs.ShadowRuns`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_runs(self, tenant: UUID) -> list[ShadowRun]:
        return list_shadow_runs(self._state, tenant)

    async def list_differences(self, tenant: UUID, run: UUID) -> list[ShadowVerdict]:
        return list_shadow_differences(self._state, tenant, run)

    async def start(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        candidate: Mapping[str, Any],
        lasts_for: timedelta,
        max_envelopes: int,
        actor: Actor,
    ) -> ShadowRun:
        return start_shadow(
            self._state, tenant, id, candidate=candidate, lasts_for=lasts_for, max_envelopes=max_envelopes, actor=actor
        )

    async def stop(self, tenant: UUID, id: UUID, *, actor: Actor) -> None:  # noqa: A002
        stop_shadow(self._state, tenant, id, actor=actor)

    async def record(self, verdicts: Sequence[ShadowVerdict]) -> frozenset[UUID]:
        return record_shadow(self._state, verdicts)

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        return forget_shadow_runs(self._state, keep=keep, limit=limit)
