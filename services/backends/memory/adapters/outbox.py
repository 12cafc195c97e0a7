"""The outbox in memory."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.backends.memory.state import State
from services.backends.memory.worker_api.cancel import cancel
from services.backends.memory.worker_api.claim import claim
from services.backends.memory.worker_api.count_cases import count_cases
from services.backends.memory.worker_api.count_causes import count_causes
from services.backends.memory.worker_api.discard_dead_letter import discard_dead_letter
from services.backends.memory.worker_api.due_in import due_in
from services.backends.memory.worker_api.enqueue import enqueue
from services.backends.memory.worker_api.expire_envelopes import expire_envelopes
from services.backends.memory.worker_api.forget_settled import forget_settled
from services.backends.memory.worker_api.get_envelope import get_envelope
from services.backends.memory.worker_api.heartbeat import heartbeat
from services.backends.memory.worker_api.list_dead_letters import list_dead_letters
from services.backends.memory.worker_api.list_envelopes import list_envelopes
from services.backends.memory.worker_api.list_last_calls import list_last_calls
from services.backends.memory.worker_api.list_requeueable import list_requeueable
from services.backends.memory.worker_api.mark_sent import mark_sent
from services.backends.memory.worker_api.queue_status import queue_status
from services.backends.memory.worker_api.read_stamps import read_stamps
from services.backends.memory.worker_api.requeue_dead_letters import requeue_dead_letters
from services.backends.memory.worker_api.requeue_edited import requeue_edited
from services.backends.memory.worker_api.resolve_unknown import resolve_unknown
from services.backends.memory.worker_api.search_envelopes import search_envelopes
from services.backends.memory.worker_api.settle import settle
from services.backends.memory.worker_api.use_grants import use_grants
from services.backends.memory.worker_api.waits_for import waits_for
from services.envelope import Actor, Envelope, Status
from services.outbox import (
    ClaimedEnvelope,
    EnqueuedEnvelope,
    GrantedCall,
    GrantUses,
    Lease,
    PageEnd,
    Proposal,
    Resolution,
    SentMarks,
    Settlement,
    UnsettledEnvelopes,
)
from services.outbox.cases import CasePage
from services.outbox.lists import Causes, EnvelopeFilter, FoundEnvelopes
from services.outbox.queue_status import QueueStatus
from services.stamps import Stamps


class MemoryOutbox:
    """See `services.outbox.Outbox`."""

    can_notify = True

    def __init__(self, state: State) -> None:
        self._state = state

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[EnqueuedEnvelope]:
        return enqueue(self._state, proposals, actor=actor)

    async def enqueue_if_current(
        self, proposals: Sequence[Proposal], *, actor: Actor, stamps: Stamps
    ) -> list[EnqueuedEnvelope] | None:
        if stamps != read_stamps(self._state, proposals[0].tenant_id, stamps.tools):
            return None
        return enqueue(self._state, proposals, actor=actor)

    async def claim(
        self, worker_id: str, *, limit: int, lease_for: timedelta, tenant: UUID | None = None,
        except_tenants: frozenset[UUID] = frozenset(), claim_id: UUID | None = None,
    ) -> list[ClaimedEnvelope]:  # fmt: skip
        return claim(
            self._state, worker_id, claim_id or uuid4(), limit=limit, lease_for=lease_for, tenant=tenant,
            except_tenants=except_tenants,
        )  # fmt: skip

    async def mark_sent(self, worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
        return mark_sent(self._state, worker_id, calls)

    async def use_grants(self, worker_id: str, calls: Sequence[GrantedCall]) -> GrantUses:
        return use_grants(self._state, worker_id, calls)

    async def heartbeat(self, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
        return heartbeat(self._state, worker_id, lease_for=lease_for)

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        return settle(self._state, worker_id, settlements)

    async def due_in(self, tenant: UUID | None = None) -> timedelta | None:
        return due_in(self._state, tenant)

    async def wait_for_work(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # reaching the timeout is not an error
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout.total_seconds()):
                await self._state.work_arrived.wait()
        self._state.work_arrived.clear()

    async def requeue(
        self, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, actor: Actor
    ) -> list[Envelope]:
        return requeue_dead_letters(self._state, tenant=tenant, envelopes=envelopes, limit=limit, actor=actor)

    async def requeue_edited(
        self, tenant: UUID, envelope: UUID, *, arguments: Mapping[str, Any], actor: Actor, reason: str | None
    ) -> Envelope:
        return requeue_edited(self._state, tenant, envelope, arguments=arguments, actor=actor, reason=reason)

    async def resolve(
        self, tenant: UUID, envelope: UUID, *, decision: Resolution, actor: Actor, reason: str | None
    ) -> Envelope:
        return resolve_unknown(self._state, tenant, envelope, decision=decision, actor=actor, reason=reason)

    async def cancel(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
        return cancel(self._state, tenant, envelope, actor=actor, reason=reason)

    async def discard(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str) -> Envelope:
        return discard_dead_letter(self._state, tenant, envelope, actor=actor, reason=reason)

    async def expire(self, *, actor: Actor) -> int:
        return expire_envelopes(self._state, actor=actor)

    async def forget_settled(self, *, keep: timedelta, limit: int, actor: Actor) -> int:
        return forget_settled(self._state, keep=keep, limit=limit, actor=actor)

    async def get(self, tenant: UUID, envelope: UUID) -> Envelope:
        return get_envelope(self._state, tenant, envelope)

    async def waits_for(self, tenant: UUID, envelope: UUID) -> Envelope | None:
        return waits_for(self._state, tenant, envelope)

    async def list_envelopes(
        self,
        tenant: UUID | None,
        *,
        status: Status | None,
        limit: int,
        after: PageEnd | None = None,
        tool_slug: str | None = None,
        external_id: str | None = None,
    ) -> list[Envelope]:
        return list_envelopes(
            self._state, tenant, status=status, limit=limit, after=after, tool_slug=tool_slug, external_id=external_id
        )

    async def search(
        self, tenant: UUID | None, wanted: EnvelopeFilter, *, limit: int, after: PageEnd | None = None
    ) -> FoundEnvelopes:
        return search_envelopes(self._state, tenant, wanted, limit=limit, after=after)

    async def count_cases(
        self, tenant: UUID, *, since: datetime, until: datetime, after: PageEnd | None, limit: int, dead: bool,
        with_evidence: bool, every: timedelta | None = None, threshold: float | None = None,
        argument_names: Sequence[str] = (),
    ) -> CasePage:  # fmt: skip
        return count_cases(
            self._state, tenant, since=since, until=until, after=after, limit=limit, dead=dead,
            with_evidence=with_evidence, every=every, threshold=threshold, argument_names=argument_names,
        )  # fmt: skip

    async def list_dead_letters(
        self,
        tenant: UUID | None,
        *,
        limit: int,
        status: Status | None = None,
        after: PageEnd | None = None,
        tool_slug: str | None = None,
        cause: str | None = None,
    ) -> list[Envelope]:
        return list_dead_letters(
            self._state, tenant, limit=limit, status=status, after=after, tool_slug=tool_slug, cause=cause
        )

    async def count_causes(self, tenant: UUID | None) -> Causes:
        return count_causes(self._state, tenant)

    async def last_calls(self, tenant: UUID, tool_slug: str, *, limit: int = 10) -> list[Envelope]:
        return list_last_calls(self._state, tenant, tool_slug, limit=limit)

    async def list_requeueable(self, tenant: UUID | None, *, limit: int) -> list[Envelope]:
        return list_requeueable(self._state, tenant, limit=limit)

    async def status(self, tenant: UUID | None = None) -> list[QueueStatus]:
        return queue_status(self._state, tenant)
