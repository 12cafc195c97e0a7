"""A topic earns the automatic mode by 50 decisions of people, and loses it by itself."""

from uuid import UUID

import psycopg
import pytest

from control_plane.apps.drafts.gate.automatic import AutomaticDecision, decide
from control_plane.apps.drafts.store.gate import GateStore, Mode, TopicRule
from services.backends.functions import Functions
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput, StateConflict
from tests.control_plane.apps.drafts.rows import NOW, Rows, hours

JOB = Actor(type=ActorType.SYSTEM, id="drafts_automatic", door=Door.JOB)
YES = AutomaticDecision(would_approve=True, reason="every condition holds")
NO = AutomaticDecision(would_approve=False, reason="it cites no source")


@pytest.fixture
def gate(functions: Functions, rows: Rows) -> GateStore:
    return GateStore(functions, rows.tenant, JOB)


async def decisions(rows: Rows, gate: GateStore, *, approved: int, edited: int = 0, rejected: int = 0) -> None:
    """Drafts that the application would have approved, and what people did with them."""
    for number in range(approved + edited + rejected):
        draft = rows.draft(at=NOW + hours(number))
        await gate.record_decision(draft, YES)
        if number < approved:
            rows.decide(draft)
        else:
            rows.decide(draft, **({"final": "other"} if number < approved + edited else {"code": "wrong"}))  # type: ignore[arg-type]


async def test_a_topic_becomes_automatic_after_50_decisions_of_which_95_percent_were_unedited(
    gate: GateStore, rows: Rows
) -> None:
    await gate.set_topic_rule("returns", "shadow")
    await decisions(rows, gate, approved=47, edited=1, rejected=1)
    with pytest.raises(StateConflict) as caught:
        await gate.set_topic_rule("returns", "automatic")
    assert str(caught.value) == (
        "mode: 47 of the last 49 decided drafts of topic returns were sent unedited; needed are 95 % of 50"
    )
    await decisions(rows, gate, approved=1)
    assert await gate.set_topic_rule("returns", "automatic") == TopicRule(
        topic="returns", mode="automatic", decided=50, unedited=48
    )  # fmt: skip


async def test_too_many_edits_keep_a_topic_in_shadow_mode(gate: GateStore, rows: Rows) -> None:
    await gate.set_topic_rule("returns", "shadow")
    await decisions(rows, gate, approved=47, edited=3)
    with pytest.raises(StateConflict, match=r"^mode: 47 of the last 50 decided drafts"):
        await gate.set_topic_rule("returns", "automatic")


async def test_only_drafts_that_the_application_would_have_approved_count_and_only_people_s_decisions(
    gate: GateStore, rows: Rows
) -> None:
    await gate.set_topic_rule("returns", "shadow")
    left_to_people, its_own, unjudged = rows.draft(), rows.draft(), rows.draft()
    await gate.record_decision(left_to_people, NO)
    await gate.record_decision(its_own, YES)
    rows.decide(left_to_people)
    rows.decide(its_own, user=rows.system)
    rows.decide(unjudged)
    assert await gate.topic_rules() == [TopicRule(topic="returns", mode="shadow", decided=0, unedited=0)]


async def test_shadow_mode_comes_first(gate: GateStore) -> None:
    with pytest.raises(StateConflict, match=r"^mode: topic returns must be in shadow mode first$"):
        await gate.set_topic_rule("returns", "automatic")


@pytest.mark.parametrize(("topic", "mode"), [("", "off"), ("x" * 256, "off"), ("returns", "on")])
async def test_an_invalid_rule_is_refused(gate: GateStore, topic: str, mode: Mode) -> None:
    with pytest.raises(InvalidInput, match=r"^(topic|mode): "):
        await gate.set_topic_rule(topic, mode)


async def test_nothing_is_approved_in_shadow_mode_and_every_decision_is_recorded_once(
    gate: GateStore, rows: Rows
) -> None:
    draft = rows.draft()
    assert await gate.candidates() == []  # the topic has no rule
    assert not await gate.record_decision(draft, YES)
    await gate.set_topic_rule("returns", "shadow")
    (candidate,) = await gate.candidates()
    assert (candidate.draft_id, decide(candidate).would_approve) == (draft, True)
    assert not await gate.record_decision(draft, YES)
    assert not await gate.record_decision(draft, NO)
    assert await gate.candidates() == []
    stored = rows.connection.execute("select mode, would_approve, reason from drafts.automatic_decisions").fetchall()
    assert stored == [("shadow", True, "every condition holds")]


def make_automatic(rows: Rows) -> None:
    rows.connection.execute("update drafts.topic_rules set mode = 'automatic'")


async def test_an_automatic_topic_approves_but_for_samples_and_what_a_person_touched(
    gate: GateStore, rows: Rows
) -> None:
    await gate.set_topic_rule("returns", "shadow")
    make_automatic(rows)
    rows.draft(edited_by=rows.agent)
    rows.draft(locked_by=rows.agent)
    rows.draft(author_user_id=rows.agent)
    rows.draft(snoozed_until=NOW)
    rows.draft(escalated_at=NOW)
    rows.draft(topic="shipping")
    draft, sample, unsure = rows.draft(), rows.draft(), rows.draft()
    assert {each.draft_id for each in await gate.candidates()} == {draft, sample, unsure}
    assert await gate.record_decision(draft, YES)
    assert not await gate.record_decision(draft, YES)  # never twice
    assert not await gate.record_decision(sample, AutomaticDecision(would_approve=True, reason="s", is_sample=True))
    assert not await gate.record_decision(unsure, NO)


async def test_a_topic_demotes_itself_and_says_so(gate: GateStore, rows: Rows) -> None:
    await gate.set_topic_rule("returns", "shadow")
    await decisions(rows, gate, approved=48, edited=2)
    await gate.set_topic_rule("returns", "automatic")
    await decisions(rows, gate, approved=0, rejected=1)  # a sample; the window of 50 begins one decision later
    draft = rows.draft()
    assert not await gate.record_decision(draft, YES)
    (rule,) = await gate.topic_rules()
    assert (rule.mode, rule.decided, rule.unedited) == ("shadow", 50, 47)
    assert payloads(rows.connection, rows.tenant, "topic.demoted") == [
        {"topic": "returns", "mode": "shadow", "decided": 50, "unedited": 47, "door": "job"}
    ]
    (notified,) = rows.connection.execute("select type, payload from drafts.notifications").fetchall()
    assert notified == ("topic.demoted", {"topic": "returns", "decided": 50, "unedited": 47})


def payloads(connection: psycopg.Connection, tenant: UUID, category: str) -> list[object]:
    found = connection.execute(
        "select payload from public.audit_log where tenant_id = %s and category = %s order by seq", [tenant, category]
    )
    return [payload for (payload,) in found]
