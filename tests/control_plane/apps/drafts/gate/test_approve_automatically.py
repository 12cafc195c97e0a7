"""The application decides about drafts of topics that earned it. Its approval is an envelope as any other."""

from typing import Any

import pytest

from control_plane.apps.drafts.gate import automatic
from control_plane.apps.drafts.gate.approve_automatically import Judged, approve_automatically
from control_plane.apps.drafts.jobs import draft_approval
from control_plane.apps.drafts.store.gate import GateStore
from control_plane.apps.drafts.values import DraftStatus
from services.clock import utc_now
from tests.builders import system
from tests.control_plane.apps.drafts.desk import SEND, Desk, a_message, a_reply

JOB = system("draft_approval")


@pytest.fixture(autouse=True)
def _no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of drafts are random, and each tenth would be a sample."""
    monkeypatch.setattr(automatic, "SAMPLE_EVERY", 2**200)


async def set_mode(desk: Desk, mode: str) -> None:
    await GateStore(desk.functions, desk.tenant, JOB).set_topic_rule("shipping", "shadow")
    desk.run("update drafts.topic_rules set mode = %s where tenant_id = %s", mode, desk.tenant)


async def test_an_automatic_topic_sends_a_sure_draft_as_the_system(desk: Desk) -> None:
    await set_mode(desk, "automatic")
    desk.scribe.answer = a_reply(topic="shipping")
    sure = await desk.pending()
    desk.scribe.answer = a_reply(topic="shipping", confidence=0.5)
    unsure = await desk.pending()
    assert await approve_automatically(desk.backends, desk.tenant, actor=JOB) == Judged(2, 1, ())
    assert await approve_automatically(desk.backends, desk.tenant, actor=JOB) == Judged(0, 0, ())
    assert ((await desk.read(sure.id)).status, (await desk.read(unsure.id)).status) == (
        DraftStatus.SENT, DraftStatus.PENDING,
    )  # fmt: skip
    sent = desk.run(
        "select tool_slug, external_id, status, proposed_by from public.outbox where tenant_id = %s", desk.tenant
    )
    assert sent == [(SEND, str(sure.id), "pending", "system:draft_approval")]
    decided = desk.run(
        "select actor_type, actor_id from public.audit_log where tenant_id = %s and category = 'draft.decided'",
        desk.tenant,
    )
    assert decided == [("system", "draft_approval")]


async def test_a_conversation_is_answered_without_a_person_once_so_that_two_programs_cannot_go_on(desk: Desk) -> None:
    await set_mode(desk, "automatic")
    desk.scribe.answer = a_reply(topic="shipping")
    first = await desk.pending(a_message(external_id="<1@robot.example>"))
    assert await approve_automatically(desk.backends, desk.tenant, actor=JOB) == Judged(1, 1, ())
    again = await desk.pending(
        a_message(
            external_id="<2@robot.example>", conversation_keys=("<1@robot.example>",), text="When?", sent_at=utc_now()
        )
    )
    assert again.conversation_id == first.conversation_id
    assert await approve_automatically(desk.backends, desk.tenant, actor=JOB) == Judged(1, 0, ())
    assert (await desk.read(again.id)).status is DraftStatus.PENDING


async def test_in_shadow_mode_people_still_decide(desk: Desk) -> None:
    await set_mode(desk, "shadow")
    desk.scribe.answer = a_reply(topic="shipping")
    draft = await desk.pending()
    assert await approve_automatically(desk.backends, desk.tenant, actor=JOB) == Judged(1, 0, ())
    assert (await desk.read(draft.id)).status is DraftStatus.PENDING
    await desk.decide(draft)
    (rule,) = await GateStore(desk.functions, desk.tenant, JOB).topic_rules()
    assert (rule.decided, rule.unedited) == (1, 1)


async def test_answers_to_another_address_are_left_to_a_person(desk: Desk) -> None:
    await set_mode(desk, "automatic")
    desk.scribe.answer = a_reply(topic="shipping")
    draft = await desk.pending(a_message(reply_to="evil@evil.example"))
    assert await approve_automatically(desk.backends, desk.tenant, actor=JOB) == Judged(1, 0, ())
    assert (await desk.read(draft.id)).status is DraftStatus.PENDING


async def test_a_reply_that_cannot_be_sent_waits_for_a_person_and_is_told(desk: Desk) -> None:
    await set_mode(desk, "automatic")
    desk.scribe.answer = a_reply(topic="shipping")
    draft = await desk.pending()
    desk.run("update drafts.channels set reply_tool_slug = null where tenant_id = %s", desk.tenant)
    judged = await approve_automatically(desk.backends, desk.tenant, actor=JOB)
    assert judged == Judged(1, 0, (f"draft {draft.id}: channel: Desk has no tool that sends replies",))
    assert (await desk.read(draft.id)).status is DraftStatus.PENDING


async def test_the_job_runs_only_where_a_topic_lets_the_application_decide(desk: Desk) -> None:
    context: Any = type("Context", (), {"backends": desk.backends, "tenant": desk.tenant})()
    assert not await draft_approval.is_needed(context)
    await set_mode(desk, "shadow")
    assert await draft_approval.is_needed(context)
