"""What people decide is told by model, prompt, channel and topic, and what they edit becomes corrections."""

from decimal import Decimal
from uuid import UUID

import pytest

from control_plane.apps.drafts.learning.corrections import Sample
from control_plane.apps.drafts.store import samples
from control_plane.apps.drafts.store.samples import Abstention, Quality, read_abstentions, read_quality, read_samples
from services.backends.functions import Functions
from services.errors import InvalidInput
from tests.control_plane.apps.drafts.rows import NOW, Rows, hours

YESTERDAY = NOW - hours(24)
TEXT = "You have 30 days."


async def read(functions: Functions, rows: Rows) -> list[Sample]:
    return [sample async for sample in read_samples(functions, rows.tenant, YESTERDAY, NOW)]


async def test_the_samples_of_a_day_have_the_question_and_both_texts(functions: Functions, rows: Rows) -> None:
    rows.decide(rows.draft(), final="too old", at=YESTERDAY - hours(1))
    draft = rows.draft()
    rows.decide(draft, final="You have 14 days.", at=YESTERDAY)
    rows.decide(rows.draft(), at=YESTERDAY)  # an approval teaches nothing
    rows.decide(rows.draft(), final="too new", at=NOW)
    (sample,) = await read(functions, rows)
    assert (sample.draft_id, sample.question, sample.draft, sample.final) == (
        draft, "How long may I return it?", TEXT, "You have 14 days.",
    )  # fmt: skip
    assert (sample.sources, sample.topic, sample.customer_name, sample.customer_email, sample.created_at) == (
        ("https://shop.example/returns",), "returns", "Maria Lopez", "maria@example.com", YESTERDAY,
    )  # fmt: skip


async def test_samples_are_read_page_by_page_without_gap_or_repetition(
    functions: Functions, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "PAGE_SIZE", 2)
    for number in range(5):  # at the same moment, so that the id decides the order
        rows.decide(rows.draft(), final=f"text {number}", at=YESTERDAY)
    assert sorted(sample.final for sample in await read(functions, rows)) == [f"text {number}" for number in range(5)]


async def test_decisions_are_counted_by_model_prompt_channel_and_topic(functions: Functions, rows: Rows) -> None:
    at = YESTERDAY
    rows.decide(rows.draft(cost_usd=Decimal("0.25")), at=at)
    rows.decide(rows.draft(), final=" You have 30\ndays.", at=at)  # white space is no edit
    rows.decide(rows.draft(), final="You have 14 days.", at=at)
    rows.decide(rows.draft(), code="wrong", at=at)
    rows.decide(rows.draft(model_key="m2", prompt_version="v2", topic=None), code="tone", at=at)
    rows.decide(rows.draft(author_user_id=rows.agent), final="a person wrote it", at=at)
    rows.decide(rows.draft(), at=at, user=rows.system)  # the application decided
    rows.decide(rows.draft(), at=NOW)
    first = Quality(
        name="m1", decided=4, approved=1, edited=2, rejected=1, unedited=2, distance=2, length=51, median_share=0.0,
        cost_usd=Decimal("0.25"), rejections={"wrong": 1},
    )  # fmt: skip
    second = Quality(
        name="m2", decided=1, approved=0, edited=0, rejected=1, unedited=0, distance=0, length=0, median_share=None,
        cost_usd=Decimal(0), rejections={"tone": 1},
    )  # fmt: skip
    assert await read_quality(functions, rows.tenant, YESTERDAY, NOW, "model_key") == [first, second]
    for by, names in {"prompt_version": ["v1", "v2"], "topic": ["returns", ""], "channel": ["Help"]}.items():
        found = await read_quality(functions, rows.tenant, YESTERDAY, NOW, by)  # type: ignore[arg-type]
        assert [each.name for each in found] == names
    (everything,) = await read_quality(functions, rows.tenant, YESTERDAY, NOW)
    assert (everything.name, everything.decided, everything.rejections) == (None, 5, {"wrong": 1, "tone": 1})


async def test_an_unknown_grouping_is_refused(functions: Functions, rows: Rows) -> None:
    with pytest.raises(InvalidInput, match=r"^by: must be model_key, prompt_version, channel or topic$"):
        await read_quality(functions, rows.tenant, YESTERDAY, NOW, "tenant_id")  # type: ignore[arg-type]


async def test_every_abstention_is_kept_also_after_somebody_answered(functions: Functions, rows: Rows) -> None:
    conversation, _ = rows.conversation("Do you ship to Norway?", at=YESTERDAY)
    arguments = {"tenant": rows.tenant, "conversation": conversation}
    (message,) = rows.connection.execute("select unanswered_id from drafts.conversations").fetchone() or ()
    saved = await functions.call(
        "drafts.save_abstention", **arguments, trigger_message=message, reason="no passage", as_of=YESTERDAY
    )
    assert saved == {"saved": True}
    rows.connection.execute("update drafts.conversations set abstained_at = null, unanswered_id = null")
    (found,) = await read_abstentions(functions, rows.tenant, YESTERDAY, NOW)
    assert found == Abstention(
        id=found.id, conversation_id=UUID(str(conversation)), reason="no passage", question="Do you ship to Norway?",
        created_at=YESTERDAY,
    )  # fmt: skip
