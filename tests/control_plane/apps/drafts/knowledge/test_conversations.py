"""Answers of the past are quoted to others without what belongs to the customer who got them."""

import pytest

from control_plane.apps.drafts.drafter import DraftedReply
from control_plane.apps.drafts.drafter.offline import OfflineDrafter
from control_plane.apps.drafts.knowledge.conversations import ingest_conversations, without_customer
from services.database.connect import connect
from tests.control_plane.apps.drafts.knowledge.conftest import OLGA, Shelf
from tests.control_plane.apps.drafts.knowledge.test_offline import asking
from tests.control_plane.apps.drafts.knowledge.test_pages import counts
from tests.db.applications.drafts import ROWS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello Kim,\n\nYour order 1234567 is ready.\n\nKind regards\nOlga", "Your order … is ready."),
        ("Write to kim@example.com or call +49 421 123456.", "Write to … or call …."),
        ("See https://shop.example/t?token=abc now", "See … now"),
        ("Kim, the seal is part 4471. KIM!", "…, the seal is part 4471. …!"),
        ("Dear customer,\nsend it back.\nBest regards", "send it back."),
        ("Call 12 3456 78kim@example.com", "Call ……"),
        ("Hallo Kim,\n\nbitte warten.\n\nMehr dazu: https://shop.example/wait\n\nFreundliche Grüße", "bitte warten."),
    ],
)
def test_what_belongs_to_a_customer_is_taken_out(text: str, expected: str) -> None:
    assert without_customer(text, "Kim Berg") == expected


@pytest.mark.parametrize("text", ["\n", "a", " ", "1", "1 ", "\nMore about this: ", "\n \t", "http://", "-"])
def test_a_text_that_repeats_itself_a_hundred_thousand_times_is_read_once(text: str) -> None:
    """If it were read from each of its characters again, this would take hours."""
    assert without_customer(f"Yes{text * 100_000}y", "Kim Berg")


def add_answer(shelf: Shelf) -> None:
    """A draft that a person edited and sent."""
    with connect(shelf.url) as connection:
        connection.execute(ROWS.replace("%(tenant)s", f"'{shelf.tenant}'").encode())
        connection.execute("update drafts.drafts set status = 'sent'")
        connection.execute(
            "update drafts.draft_actions set type = 'edit',"
            " final_text = 'Hello Kim, your order 1234567 left our house this morning.'"
        )
        connection.execute("delete from drafts.source_documents")


async def test_what_the_application_approved_itself_is_no_answer_of_a_person(shelf: Shelf) -> None:
    add_answer(shelf)
    with connect(shelf.url) as connection:
        connection.execute("update drafts.users set auth_provider = 'system'")
        connection.execute("update drafts.drafts set author_user_id = null")
    assert counts(await ingest_conversations(shelf.backends, shelf.tenant, actor=OLGA)) == {}
    for function in ("drafts.list_recent_questions", "drafts.list_approved_replies"):
        assert await shelf.functions.call(function, tenant=shelf.tenant, actor_id="olga") == []


async def test_an_approved_answer_is_known_once_and_names_its_conversation(shelf: Shelf) -> None:
    add_answer(shelf)
    assert counts(await ingest_conversations(shelf.backends, shelf.tenant, actor=OLGA)) == {"saved": 1}
    assert counts(await ingest_conversations(shelf.backends, shelf.tenant, actor=OLGA)) == {"unchanged": 1}
    assert shelf.fetch("select kind, text, metadata ->> 'conversation_id' from drafts.source_documents") == [
        ("conversation", "your order … left our house this morning.", "00000000-0000-4000-8000-000000000003"),
    ]
    draft = await OfflineDrafter(shelf.functions).draft(asking(shelf, "Where is my order now?"))
    assert isinstance(draft, DraftedReply)
    assert "left our house this morning" in draft.text
    assert [source.url.partition(":")[0] for source in draft.sources] == ["conversation"]
