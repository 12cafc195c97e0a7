"""List, start, stop and fill shadow runs in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.reading import NEVER, Reader
from services.envelope import Actor
from services.shadow_runs import ShadowRun, ShadowVerdict

_RUN_READER = Reader(ShadowRun, candidate={}, started_at=NEVER, ends_at=NEVER, stopped_at=NEVER)
_VERDICT_READER = Reader(ShadowVerdict)


class DatabaseShadowRuns:
    """See `services.shadow_runs.ShadowRuns`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_runs(self, tenant: UUID) -> list[ShadowRun]:
        return [_RUN_READER.read(row) for row in await self._functions.call("list_shadow_runs", tenant=tenant)]

    async def list_differences(self, tenant: UUID, run: UUID) -> list[ShadowVerdict]:
        rows = await self._functions.call("list_shadow_differences", tenant=tenant, run=run)
        return [_VERDICT_READER.read(row) for row in rows]

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
        row = await self._functions.call(
            "start_shadow", tenant=tenant, id=id, candidate=candidate, lasts_for=lasts_for,
            max_envelopes=max_envelopes, **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip
        return _RUN_READER.read(row)

    async def stop(self, tenant: UUID, id: UUID, *, actor: Actor) -> None:  # noqa: A002
        await self._functions.call("stop_shadow", tenant=tenant, id=id, **by(actor), as_of=self._functions.as_of())

    async def record(self, verdicts: Sequence[ShadowVerdict]) -> frozenset[UUID]:
        rows = [asdict(verdict) for verdict in verdicts]
        busy = await self._functions.call("record_shadow", judgements=rows, as_of=self._functions.as_of())
        return frozenset(map(UUID, busy))

    async def forget(self, *, keep: timedelta, limit: int) -> int:
        deleted: int = await self._functions.call(
            "forget_shadow_runs", keep=keep, max_runs=limit, as_of=self._functions.as_of()
        )
        return deleted
