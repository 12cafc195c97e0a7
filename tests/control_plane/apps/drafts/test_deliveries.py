"""What became of a reply is told by its message, from the audit log, even after its envelope was forgotten."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.drafts.jobs.reply_delivery import JOB
from control_plane.apps.drafts.record_deliveries import record_deliveries
from control_plane.apps.drafts.store import channels
from control_plane.apps.drafts.values import DeliveryState, Message
from control_plane.jobs import JobContext
from services.outbox import Disposition, Resolution
from services.tools.dispatch import Tools
from tests.contract.builders import settled
from tests.control_plane.apps.drafts.desk import OLGA, Desk

MINUTE = timedelta(minutes=1)


async def approved(desk: Desk) -> tuple[UUID, UUID]:
    """A reply in the outbox: its conversation and envelope."""
    draft = await desk.pending()
    decided = await desk.decide(draft)
    assert decided.envelope_id is not None
    return draft.conversation_id, decided.envelope_id


async def settle(desk: Desk, to: Disposition, **details: Any) -> None:
    """The worker executes the only envelope that is due."""
    [claimed] = await desk.backends.outbox.claim("w", limit=1, lease_for=MINUTE, tenant=desk.tenant)
    assert not (await desk.backends.outbox.settle("w", [settled(claimed, to, **details)])).refused


async def reply_of(desk: Desk, conversation: UUID) -> Message:
    return (await desk.timeline(conversation)).messages[-1]


@pytest.mark.parametrize(
    ("to", "state", "error"),
    [
        (Disposition.SUCCESS, DeliveryState.SENT, None),
        (Disposition.CONFLICT, DeliveryState.FAILED, "conflict"),
        (Disposition.FAILED, DeliveryState.FAILED, "550 no such user"),
        (Disposition.UNKNOWN, DeliveryState.UNKNOWN, "no answer"),
        (Disposition.DENIED, DeliveryState.CANCELLED, "rules: never"),
    ],
)
async def test_the_message_tells_how_the_envelope_ended(
    desk: Desk, to: Disposition, state: DeliveryState, error: str | None
) -> None:
    conversation, _ = await approved(desk)
    assert (await reply_of(desk, conversation)).delivery_state is DeliveryState.QUEUED
    await settle(desk, to, **({} if error in {None, "conflict"} else {"error": error, "reason": error}))
    assert await record_deliveries(desk.backends, tenant=desk.tenant) == 1
    reply = await reply_of(desk, conversation)
    assert (reply.delivery_state, reply.delivery_error) == (state, error)
    assert (reply.delivered_at is not None) == (state is DeliveryState.SENT)
    assert desk.audit()[-1] == f"draft.{state}"
    told = [n.type for n in await channels.list_notifications(desk.functions, desk.tenant)]
    assert (f"reply.{state}" in told) == (state is not DeliveryState.SENT)
    assert await record_deliveries(desk.backends, tenant=desk.tenant) == 0


async def test_a_result_is_known_after_the_envelope_was_forgotten(desk: Desk) -> None:
    conversation, envelope = await approved(desk)
    await settle(desk, Disposition.SUCCESS, result={})
    desk.run("delete from public.outbox where id = %s", envelope)
    await record_deliveries(desk.backends, tenant=desk.tenant)
    reply = await reply_of(desk, conversation)
    assert reply.delivery_state is DeliveryState.SENT
    [action] = (await desk.timeline(conversation)).actions
    assert action.sent_msg_id == reply.external_id


async def test_an_unknown_delivery_that_was_looked_up_is_sent(desk: Desk) -> None:
    conversation, envelope = await approved(desk)
    await settle(desk, Disposition.UNKNOWN, error="no answer")
    await record_deliveries(desk.backends, tenant=desk.tenant)
    await desk.backends.outbox.resolve(desk.tenant, envelope, decision=Resolution.SUCCESS, actor=OLGA, reason="found")
    await record_deliveries(desk.backends, tenant=desk.tenant)
    reply = await reply_of(desk, conversation)
    assert (reply.delivery_state, reply.delivery_error) == (DeliveryState.SENT, None)


async def test_a_requeued_dead_letter_is_queued_again(desk: Desk) -> None:
    conversation, envelope = await approved(desk)
    await settle(desk, Disposition.FAILED, error="550 full")
    await record_deliveries(desk.backends, tenant=desk.tenant)
    desk.run("select worker_api.requeue_dead_letters(%s, array[%s]::uuid[], 1, 'olga')", desk.tenant, envelope)
    await record_deliveries(desk.backends, tenant=desk.tenant)
    assert (await reply_of(desk, conversation)).delivery_state is DeliveryState.QUEUED


async def test_the_job_is_needed_only_when_the_log_of_a_sending_tenant_has_grown(desk: Desk) -> None:
    assert JOB.is_needed is not None
    context = JobContext(
        backends=desk.backends,
        tools=Tools(concurrency=1),
        rules={},
        keep_settled=timedelta(days=90),
        tenant=desk.tenant,
    )
    draft = await desk.pending()
    assert not await JOB.is_needed(context)
    await desk.decide(draft)
    assert await JOB.is_needed(context)
    await settle(desk, Disposition.SUCCESS, result={})
    assert (await JOB.run(context)).counts == {"replies": 1}
    await JOB.run(context)  # reads its own audit row
    assert not await JOB.is_needed(context)
