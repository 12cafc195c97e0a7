"""Who looks at a pending approval, and what happened to the last calls of its tool."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from services.approvals import ApprovalDecision, Approvals, Viewer
from services.audit_log import AuditLogger
from services.envelope import Status
from services.errors import NotAllowed
from services.outbox import Disposition, Outbox
from tests.builders import AGENT, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, an_envelope_to_approve, close, put_one, take_one

OLGA, OMAR = operator("olga"), operator("omar")


async def test_each_person_sees_the_others_who_look_at_the_same_approval(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    elsewhere = await an_envelope_to_approve(outbox, other_tenant)

    assert await approvals.look(tenant, envelope.id, actor=OLGA) == []
    seen = Viewer(envelope_id=envelope.id, viewer="operator:olga", seen_at=clock())
    clock.advance(seconds=2)
    assert await approvals.look(tenant, envelope.id, actor=OMAR) == [seen]
    assert await approvals.look(other_tenant, elsewhere.id, actor=OMAR) == []
    assert [each.viewer for each in await approvals.viewers(tenant)] == ["operator:olga", "operator:omar"]
    assert [each.envelope_id for each in await approvals.viewers(other_tenant)] == [elsewhere.id]
    assert len(await approvals.viewers()) == 3


async def test_many_viewers_of_one_tenant_hide_none_of_another(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID
) -> None:
    crowded = await an_envelope_to_approve(outbox, tenant)
    elsewhere = await an_envelope_to_approve(outbox, other_tenant)
    for n in range(101):
        await approvals.look(tenant, crowded.id, actor=operator(f"p{n}"))
    await approvals.look(other_tenant, elsewhere.id, actor=OLGA)

    assert Counter(each.envelope_id for each in await approvals.viewers()) == {crowded.id: 100, elsewhere.id: 1}
    assert len(await approvals.viewers(tenant)) == 101


async def test_a_person_is_gone_thirty_seconds_after_the_last_look(
    outbox: Outbox, approvals: Approvals, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    await approvals.look(tenant, envelope.id, actor=OLGA)
    clock.advance(seconds=20)
    await approvals.look(tenant, envelope.id, actor=OLGA)
    clock.advance(seconds=29)
    assert [each.viewer for each in await approvals.look(tenant, envelope.id, actor=OMAR)] == ["operator:olga"]
    clock.advance(seconds=1)
    assert await approvals.look(tenant, envelope.id, actor=OMAR) == []
    assert [each.viewer for each in await approvals.viewers(tenant)] == ["operator:omar"]


async def test_looking_at_what_does_not_wait_and_looking_as_an_agent_leave_no_note(
    outbox: Outbox, approvals: Approvals, audit_log: AuditLogger, tenant: UUID
) -> None:
    envelope = await an_envelope_to_approve(outbox, tenant)
    before = await audit_log.tail(tenant, limit=10)
    with pytest.raises(NotAllowed):
        await approvals.look(tenant, envelope.id, actor=AGENT)
    await approvals.look(tenant, envelope.id, actor=OLGA)
    assert await audit_log.tail(tenant, limit=10) == before

    await approvals.decide(tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=OLGA)
    assert [each.viewer for each in await approvals.look(tenant, envelope.id, actor=OMAR)] == ["operator:olga"]
    assert [each.viewer for each in await approvals.viewers(tenant)] == ["operator:olga"]


async def test_the_last_calls_of_a_tool_are_those_that_ended_the_latest_first(
    outbox: Outbox, approvals: Approvals, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    rejected = await an_envelope_to_approve(outbox, tenant)
    succeeded = await put_one(outbox, tenant)
    await close(outbox, await take_one(outbox), Disposition.SUCCESS, result={"ok": True})
    clock.advance(seconds=1)
    failed = await a_dead_letter(outbox, tenant)
    clock.advance(seconds=1)
    await approvals.decide(tenant, rejected.id, decision=ApprovalDecision.REJECTED, digest="d1", actor=OLGA)
    await put_one(outbox, tenant)  # waits
    await put_one(outbox, tenant, tool_slug="MAIL__send", next_run_at=clock() - timedelta(hours=1))
    await put_one(outbox, other_tenant)

    found = await outbox.last_calls(tenant, "SLACK__chat.post")
    assert [(each.id, each.status) for each in found] == [
        (rejected.id, Status.REJECTED), (failed.id, Status.FAILED), (succeeded.id, Status.SUCCESS),
    ]  # fmt: skip
    assert await outbox.last_calls(tenant, "SLACK__chat.post", limit=1) == found[:1]
    assert await outbox.last_calls(tenant, "MAIL__send") == []
