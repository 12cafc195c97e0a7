"""The outbox in the database. Each method calls one SQL function of schema `worker_api`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.backends.database.transport.functions import Wake
from services.backends.functions import Functions, by
from services.backends.rows.outbox import (
    case_page_from_answer,
    causes_from_answer,
    claimed_from_lane,
    enqueued_from_row,
    envelope_from_row,
    filter_arguments,
    keys_from_rows,
    proposal_columns,
    sent_mark_row,
    settlement_columns,
    status_from_row,
)
from services.envelope import Actor, Envelope, Status
from services.errors import NotFound
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
from services.outbox.proposals import check_proposals
from services.outbox.queue_status import QueueStatus
from services.stamps import Stamps


class DatabaseOutbox:
    """See `services.outbox.Outbox`."""

    def __init__(self, functions: Functions, wake: Wake) -> None:
        self._functions = functions
        self._wake = wake
        self.can_notify = wake.can_notify

    async def enqueue(self, proposals: Sequence[Proposal], *, actor: Actor) -> list[EnqueuedEnvelope]:
        check_proposals(proposals)
        rows = await self._functions.call(
            "enqueue", **proposal_columns(proposals), **by(actor),
            as_of=self._functions.as_of(), commits_at_once=True,
        )  # fmt: skip
        return [enqueued_from_row(proposal, row, actor) for proposal, row in zip(proposals, rows, strict=True)]

    async def enqueue_if_current(
        self, proposals: Sequence[Proposal], *, actor: Actor, stamps: Stamps
    ) -> list[EnqueuedEnvelope] | None:
        check_proposals(proposals)
        tool_stamps = [stamps.tools[proposal.tool_slug] for proposal in proposals]
        rows = await self._functions.call(
            "enqueue", **proposal_columns(proposals), **by(actor),
            as_of=self._functions.as_of(), commits_at_once=True, policy_stamp=stamps.policy, tool_stamps=tool_stamps,
        )  # fmt: skip
        return [enqueued_from_row(*pair, actor) for pair in zip(proposals, rows, strict=True)] if rows else None

    async def claim(
        self, worker_id: str, *, limit: int, lease_for: timedelta, tenant: UUID | None = None,
        except_tenants: frozenset[UUID] = frozenset(), claim_id: UUID | None = None,
    ) -> list[ClaimedEnvelope]:  # fmt: skip
        lanes = await self._functions.call(
            "claim", worker_id=worker_id, claim_id=claim_id or uuid4(), max_envelopes=limit, lease_for=lease_for,
            tenant=tenant, except_tenants=sorted(except_tenants), as_of=self._functions.as_of(),
        )  # fmt: skip
        return [claimed for lane in lanes for claimed in claimed_from_lane(lane)]

    async def mark_sent(self, worker_id: str, calls: Sequence[ClaimedEnvelope]) -> SentMarks:
        rows = [sent_mark_row(call) for call in calls]
        answer = await self._functions.call("mark_sent", worker_id=worker_id, calls=rows)
        return SentMarks(marked=keys_from_rows(answer["may_go"]), busy=keys_from_rows(answer["busy"]))

    async def use_grants(self, worker_id: str, calls: Sequence[GrantedCall]) -> GrantUses:
        rows = [{**sent_mark_row(call.claimed), "grant_id": call.grant_id, "digest": call.digest} for call in calls]
        answer = await self._functions.call(
            "use_grants", worker_id=worker_id, calls=rows, as_of=self._functions.as_of()
        )
        return GrantUses(may_go=keys_from_rows(answer["may_go"]), busy=keys_from_rows(answer["busy"]))

    async def heartbeat(self, worker_id: str, *, lease_for: timedelta) -> frozenset[Lease]:
        rows = await self._functions.call(
            "heartbeat", worker_id=worker_id, lease_for=lease_for, as_of=self._functions.as_of()
        )
        return frozenset(Lease(UUID(row["tenant_id"]), row["lane"], row["token"]) for row in rows)

    async def settle(self, worker_id: str, settlements: Sequence[Settlement]) -> UnsettledEnvelopes:
        answer = await self._functions.call(
            "settle", worker_id=worker_id, **settlement_columns(settlements), as_of=self._functions.as_of()
        )
        return UnsettledEnvelopes(refused=keys_from_rows(answer["refused"]), busy=keys_from_rows(answer["busy"]))

    async def due_in(self, tenant: UUID | None = None) -> timedelta | None:
        seconds = await self._functions.call("due_in", tenant=tenant, as_of=self._functions.as_of())
        return None if seconds is None else timedelta(seconds=seconds)

    async def wait_for_work(self, timeout: timedelta) -> None:  # noqa: ASYNC109  # reaching the timeout is not an error
        await self._wake.wait(timeout)

    async def requeue(
        self, *, tenant: UUID | None, envelopes: Sequence[UUID] | None, limit: int, actor: Actor
    ) -> list[Envelope]:
        rows = await self._functions.call(
            "requeue_dead_letters", tenant=tenant, envelopes=envelopes, max_envelopes=limit, **by(actor),
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return [envelope_from_row(row) for row in rows]

    async def requeue_edited(
        self, tenant: UUID, envelope: UUID, *, arguments: Mapping[str, Any], actor: Actor, reason: str | None
    ) -> Envelope:
        return envelope_from_row(
            await self._functions.call(
                "requeue_edited", tenant=tenant, envelope=envelope, edited_arguments=arguments, **by(actor),
                reason=reason, as_of=self._functions.as_of(),
            )
        )  # fmt: skip

    async def resolve(
        self, tenant: UUID, envelope: UUID, *, decision: Resolution, actor: Actor, reason: str | None
    ) -> Envelope:
        return envelope_from_row(
            await self._functions.call(
                "resolve_unknown", tenant=tenant, envelope=envelope, decision=decision, **by(actor), reason=reason,
                as_of=self._functions.as_of(),
            )
        )  # fmt: skip

    async def cancel(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str | None) -> Envelope:
        return envelope_from_row(
            await self._functions.call(
                "cancel", tenant=tenant, envelope=envelope, **by(actor), reason=reason,
                as_of=self._functions.as_of(),
            )
        )  # fmt: skip

    async def discard(self, tenant: UUID, envelope: UUID, *, actor: Actor, reason: str) -> Envelope:
        return envelope_from_row(
            await self._functions.call(
                "discard_dead_letter", tenant=tenant, envelope=envelope, **by(actor), reason=reason,
                as_of=self._functions.as_of(),
            )
        )  # fmt: skip

    async def expire(self, *, actor: Actor) -> int:
        expired: int = await self._functions.call("expire_envelopes", **by(actor), as_of=self._functions.as_of())
        return expired

    async def forget_settled(self, *, keep: timedelta, limit: int, actor: Actor) -> int:
        deleted: int = await self._functions.call(
            "forget_settled", keep=keep, max_envelopes=limit, **by(actor), as_of=self._functions.as_of()
        )
        return deleted

    async def get(self, tenant: UUID, envelope: UUID) -> Envelope:
        row = await self._functions.call("get_envelope", tenant=tenant, envelope=envelope)
        if row is None:
            raise NotFound("envelope", envelope, f"no {envelope} in tenant {tenant}")
        return envelope_from_row(row)

    async def waits_for(self, tenant: UUID, envelope: UUID) -> Envelope | None:
        row = await self._functions.call("waits_for", tenant=tenant, envelope=envelope)
        return None if row is None else envelope_from_row(row)

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
        moment, last = after or (None, None)
        rows = await self._functions.call(
            "list_envelopes", tenant=tenant, status=status, max_envelopes=limit, before_created_at=moment,
            before_id=last, tool_slug=tool_slug, external_id=external_id,
        )  # fmt: skip
        return [envelope_from_row(row) for row in rows]

    async def search(
        self, tenant: UUID | None, wanted: EnvelopeFilter, *, limit: int, after: PageEnd | None = None
    ) -> FoundEnvelopes:
        moment, last = after or (None, None)
        answer = await self._functions.call(
            "search_envelopes", tenant=tenant, max_envelopes=limit, before_created_at=moment, before_id=last,
            **filter_arguments(wanted),
        )  # fmt: skip
        end = answer["searched_to"]
        return FoundEnvelopes(
            envelopes=[envelope_from_row(row) for row in answer["envelopes"]],
            searched_to=end and (datetime.fromisoformat(end[0]), UUID(end[1])),
        )

    async def count_cases(
        self, tenant: UUID, *, since: datetime, until: datetime, after: PageEnd | None, limit: int, dead: bool,
        with_evidence: bool, every: timedelta | None = None, threshold: float | None = None,
        argument_names: Sequence[str] = (),
    ) -> CasePage:  # fmt: skip
        after_at, after_id = after or (None, None)
        return case_page_from_answer(
            await self._functions.call(
                "count_cases", tenant=tenant, since=since, until=until, after_at=after_at, after_id=after_id,
                max_envelopes=limit, dead=dead, with_evidence=with_evidence, every=every,
                threshold=None if threshold is None else Decimal(str(threshold)), argument_names=list(argument_names),
            )
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
        moment, last = after or (None, None)
        rows = await self._functions.call(
            "list_dead_letters", tenant=tenant, status=status, max_envelopes=limit, after_moved_at=moment,
            after_id=last, tool_slug=tool_slug, cause=cause,
        )  # fmt: skip
        return [envelope_from_row(row) for row in rows]

    async def last_calls(self, tenant: UUID, tool_slug: str, *, limit: int = 10) -> list[Envelope]:
        rows = await self._functions.call("list_last_calls", tenant=tenant, tool_slug=tool_slug, max_calls=limit)
        return [envelope_from_row(row) for row in rows]

    async def count_causes(self, tenant: UUID | None) -> Causes:
        return causes_from_answer(await self._functions.call("count_causes", tenant=tenant))

    async def list_requeueable(self, tenant: UUID | None, *, limit: int) -> list[Envelope]:
        rows = await self._functions.call(
            "list_requeueable", tenant=tenant, max_envelopes=limit, as_of=self._functions.as_of()
        )
        return [envelope_from_row(row) for row in rows]

    async def status(self, tenant: UUID | None = None) -> list[QueueStatus]:
        rows = await self._functions.call("queue_status", tenant=tenant, as_of=self._functions.as_of())
        if tenant is not None and not rows:
            raise NotFound("tenant", tenant)
        return [status_from_row(row) for row in rows]
