"""A correction whose patterns match messages about something else is not proposed with them, nor approved."""

from uuid import UUID, uuid4

import pytest

from control_plane.apps.drafts.learning import pattern_reach
from control_plane.apps.drafts.learning.pattern_reach import PastQuestion, Reach, count_reach
from control_plane.apps.drafts.learning.sync_corrections import export_corrections, sync_corrections
from control_plane.apps.drafts.store.corrections import Correction, approve_correction, list_corrections
from services.backends.functions import Functions, by
from services.envelope import Actor, ActorType, Door
from services.errors import InvalidInput
from tests.control_plane.apps.drafts.rows import NOW, Rows, hours

OPERATOR = Actor(type=ActorType.OPERATOR, id="ada", door=Door.CLI)
WIDE = r"(?i)\border\b"


def answered(rows: Rows, question: str, topic: str, *, final: str | None = None) -> UUID:
    """A conversation that a person answered."""
    conversation, message = rows.conversation(question, at=NOW)
    rows.decide(rows.draft(conversation_id=conversation, trigger_message_id=message, topic=topic), final=final, at=NOW)
    return conversation


async def proposed(functions: Functions, rows: Rows, pattern: str, **fields: object) -> Correction:
    correction = {"external_id": "c", "patterns": [pattern], "answer": "Yes.", "topic": "returns", **fields}
    await functions.call("drafts.propose_correction", correction=correction, tenant=rows.tenant, **by(OPERATOR))
    [found] = await list_corrections(functions, rows.tenant, actor=OPERATOR)
    return found


async def test_only_messages_of_other_conversations_and_topics_count() -> None:
    own = uuid4()
    past = [
        PastQuestion(conversation_id=own, topic="shipping", question="my order"),
        PastQuestion(conversation_id=uuid4(), topic="returns", question="my order"),
        PastQuestion(conversation_id=uuid4(), topic="shipping", question="my order"),
        PastQuestion(conversation_id=uuid4(), topic=None, question="hello"),
    ]
    metadata = {"conversation_id": str(own)}
    assert await count_reach([WIDE, "order"], past, topic="returns", metadata=metadata) == Reach(1, 2)
    assert await count_reach([WIDE], past, topic=None, metadata={}) == Reach(3, 4)
    assert await count_reach([], past, topic=None, metadata={}) == Reach(0, 4)


async def test_what_takes_too_long_to_compare_counts_as_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    past = [PastQuestion(conversation_id=uuid4(), topic=None, question="hello")] * 5
    monkeypatch.setattr(pattern_reach, "COUNT_WITHIN", 0.0)
    assert await count_reach(["never"], past, topic=None, metadata={}) == Reach(5, 5)


@pytest.mark.parametrize(("matched", "others", "is_too_wide"), [(2, 2, False), (3, 60, False), (3, 59, True)])
def test_the_limit_is_a_share_of_several_messages(matched: int, others: int, is_too_wide: bool) -> None:
    assert Reach(matched, others).is_too_wide is is_too_wide


async def test_a_correction_that_would_answer_other_questions_is_not_approved(functions: Functions, rows: Rows) -> None:
    for number in range(3):
        answered(rows, f"Where is my order {number}?", "shipping")
    wide = await proposed(functions, rows, WIDE)
    with pytest.raises(InvalidInput) as refused:
        await approve_correction(functions, rows.tenant, wide.id, actor=OPERATOR)
    assert str(refused.value) == (
        "patterns: match 3 of 3 past messages about something else; retire this correction, or propose it with"
        " narrower patterns"
    )
    narrow = await proposed(functions, rows, r"(?i)\border\b.*\bsend back\b")
    assert (await approve_correction(functions, rows.tenant, narrow.id, actor=OPERATOR)).status == "approved"


async def test_a_proposal_leaves_out_patterns_that_match_other_messages_and_tells_the_count(
    functions: Functions, rows: Rows
) -> None:
    for number in range(3):
        answered(rows, f"When does the blue kettle return from repair {number}?", "shipping")
    conversation = answered(rows, "May I return the blue kettle?", "returns", final="Return the blue kettle for free.")
    await sync_corrections(functions, rows.tenant, now=NOW + hours(1), actor=OPERATOR)
    [wide] = await list_corrections(functions, rows.tenant, actor=OPERATOR)
    assert (wide.patterns, wide.question, wide.metadata["conversation_id"]) == (
        (), "May I return the blue kettle?", str(conversation),
    )  # fmt: skip
    assert wide.reach == Reach(3, 3)
    [exported] = await export_corrections(functions, rows.tenant, NOW - hours(1), NOW + hours(1), actor=OPERATOR)
    assert (exported.patterns, exported.answer) == (wide.patterns, wide.answer)


async def test_a_proposal_keeps_patterns_that_match_nothing_else(functions: Functions, rows: Rows) -> None:
    for number in range(3):
        answered(rows, f"Where is order {number}?", "shipping")
    answered(rows, "May I return the blue kettle?", "returns", final="Return the blue kettle for free.")
    await sync_corrections(functions, rows.tenant, now=NOW + hours(1), actor=OPERATOR)
    [narrow] = await list_corrections(functions, rows.tenant, actor=OPERATOR)
    assert (len(narrow.patterns), narrow.reach) == (1, Reach(0, 3))


@pytest.mark.parametrize("reach", [7, {"matched": "x", "others": 1}, {}, None])
async def test_a_count_that_somebody_else_wrote_is_ignored(functions: Functions, rows: Rows, reach: object) -> None:
    assert (await proposed(functions, rows, WIDE, metadata={"reach": reach})).reach is None
