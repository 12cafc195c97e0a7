"""Each message is stored once, in its conversation, whatever the order in which deliveries come."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest

from control_plane.apps.drafts.inbound import Attachment
from control_plane.apps.drafts.receive_message import receive_message
from control_plane.apps.drafts.store import channels
from services.backends.open import memory_backends
from services.errors import InvalidInput, NotFound, NotReady
from tests.builders import NOW
from tests.control_plane.apps.drafts.desk import INBOX, KIM, OLGA, PIPELINE, Desk, a_message, later


async def test_a_message_that_comes_again_changes_nothing(desk: Desk) -> None:
    message = a_message(attachments=(Attachment(name="a.png", content_type="image/png", size_bytes=3),))
    first, again = await desk.receive(message), await desk.receive(message)
    assert (first.created, again.created) == (True, False)
    assert again == replace(first, created=False, needs_draft=False)
    timeline = await desk.timeline(first.conversation_id)
    assert [(m.body_text, [f.file_name for f in m.attachments]) for m in timeline.messages] == [
        ("Where is my order?", ["a.png"])
    ]
    assert desk.audit() == ["message.received"]


async def test_the_same_id_with_another_text_is_kept_and_flagged_once(desk: Desk) -> None:
    message = a_message()
    first = await desk.receive(message)
    other = [await desk.receive(replace(message, text="Cancel it!")) for _ in range(2)]
    assert [(m.created, m.flagged, m.conversation_id) for m in other] == [
        (True, True, first.conversation_id), (False, True, first.conversation_id),
    ]  # fmt: skip
    flagged = {m.body_text: m.same_id_as for m in (await desk.timeline(first.conversation_id)).messages}
    assert flagged == {"Where is my order?": None, "Cancel it!": first.message_id}
    told = await channels.list_notifications(desk.functions, desk.tenant)
    assert [(n.type, n.payload["message_id"]) for n in told] == [("message.same_id", str(other[0].message_id))]


async def test_a_message_without_an_id_is_known_by_its_content(desk: Desk) -> None:
    message = a_message(external_id=None, conversation_external_id="T-1")
    received = [await desk.receive(each) for each in (message, message, replace(message, text="Hello?"))]
    assert [each.created for each in received] == [True, False, True]
    assert len({each.conversation_id for each in received}) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_thread_is_one_conversation_in_any_order_of_arrival(desk: Desk, order: tuple[int, ...]) -> None:
    """The second mail has no References, so nothing but the third names the first and the second."""
    thread = [
        a_message(external_id="<1@x>"),
        a_message(external_id="<2@x>", conversation_keys=("<1@x>",), conversation_external_id="<1@x>"),
        a_message(external_id="<3@x>", conversation_keys=("<2@x>", "<1@x>"), conversation_external_id="<1@x>"),
    ]
    received = [await desk.receive(thread[place]) for place in order]
    assert len({each.conversation_id for each in received}) == 1


async def test_our_own_address_for_replies_names_the_conversation(desk: Desk) -> None:
    first = await desk.receive()
    answer = a_message(conversation_keys=("<unknown@x>", f"conversation:{first.conversation_id}"))
    assert (await desk.receive(answer)).conversation_id == first.conversation_id


async def test_threads_of_two_channels_with_one_id_are_two_conversations(desk: Desk) -> None:
    for name in ("left", "right"):
        await channels.save_channel(
            desk.functions, desk.tenant, external_id=name, name=name, kind="chat", actor=OLGA
        )  # fmt: skip
    chats = [
        a_message(channel_external_id=name, external_id="7", conversation_keys=("123",), conversation_external_id="123")
        for name in ("left", "right")
    ]
    received = [await desk.receive(each) for each in chats]
    assert len({each.conversation_id for each in received}) == 2


async def test_ids_of_chat_messages_join_no_threads(desk: Desk) -> None:
    """A chat counts its messages per thread, so that two customers both have a message 1."""
    await channels.save_channel(desk.functions, desk.tenant, external_id="chat", name="Chat", kind="chat", actor=OLGA)
    received = [
        await desk.receive(a_message(channel_external_id="chat", external_id="1", conversation_external_id=thread))
        for thread in ("A", "B")
    ]
    assert len({each.conversation_id for each in received}) == 2
    assert [each.created for each in received] == [True, True]


@pytest.mark.parametrize("kind", ["auto_reply", "bounce", "list"])
async def test_what_no_person_wrote_is_stored_and_never_drafted(desk: Desk, kind: str) -> None:
    received = await desk.receive(a_message(automatic=kind))
    assert (received.created, received.needs_draft) == (True, False)
    assert await desk.draft() == []


async def test_a_channel_closes_a_conversation_and_a_message_reopens_it(desk: Desk) -> None:
    first = await desk.receive()
    joined = {"conversation_keys": (first_id(desk, first.message_id),)}
    await desk.receive(a_message(closes=True, status="solved", text="bye", **joined))
    assert (await desk.timeline(first.conversation_id)).conversation.status == "solved"
    assert await desk.draft() == []
    out_of_office = await desk.receive(a_message(automatic="auto_reply", text="I am away", **joined))
    assert (await desk.timeline(first.conversation_id)).conversation.status == "solved"
    again = await desk.receive(a_message(text="One more thing", **joined))
    assert {out_of_office.conversation_id, again.conversation_id} == {first.conversation_id}
    conversation = (await desk.timeline(first.conversation_id)).conversation
    assert (conversation.status, conversation.closed_at) == ("open", None)
    assert len(await desk.draft()) == 1


async def test_an_old_mailbox_is_not_answered_again(desk: Desk) -> None:
    """What a person answered years ago, in their own mail program, is imported with the answer first."""
    long_ago = later(-60 * 24 * 365)
    answer = await desk.receive(a_message(external_id="<answer@acme>", sent_at=later(5, long_ago)), is_ours=True)
    question = await desk.receive(
        a_message(conversation_keys=("<answer@acme>",), sent_at=long_ago, text="Is this the right address?")
    )
    assert question.conversation_id == answer.conversation_id
    assert not question.needs_draft


async def test_a_reply_that_somebody_sent_elsewhere_ends_the_wait_for_a_draft(desk: Desk) -> None:
    first = await desk.receive()
    await desk.receive(a_message(conversation_keys=(first_id(desk, first.message_id),), text="Done"), is_ours=True)
    assert await desk.draft() == []
    assert (await desk.timeline(first.conversation_id)).conversation.unanswered_id is None


async def test_the_customer_is_who_began_the_conversation(desk: Desk) -> None:
    first = await desk.receive()
    intruder = a_message(
        conversation_keys=(first_id(desk, first.message_id),), customer_email="mallory@evil.example",
        reply_to="mallory@evil.example", text="From: kim@customer.example\nSend me the invoice",
    )  # fmt: skip
    await desk.receive(intruder)
    conversation = (await desk.timeline(first.conversation_id)).conversation
    assert (conversation.customer_email, conversation.reply_to) == (KIM, "mallory@evil.example")


async def test_unknown_channels_and_conversations_are_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound, match="channel: no channel fax"):
        await desk.receive(a_message(channel_external_id="fax"))
    with pytest.raises(NotFound, match="conversation: no conversation"):
        await desk.receive(conversation=desk.tenant)


async def test_a_message_without_text_or_time_is_refused_by_name(desk: Desk) -> None:
    for field, message in {
        "text": {"sent_at": NOW.isoformat()},
        "sent_at": {"text": "Hello", "sent_at": "yesterday"},
        "direction": {"text": "Hello", "sent_at": NOW.isoformat(), "direction": "up"},
    }.items():
        with pytest.raises(InvalidInput) as refused:
            await desk.functions.call(
                "drafts.receive_message", tenant=desk.tenant, message={**message, "channel_external_id": INBOX},
                actor_id="olga",
            )  # fmt: skip
        assert refused.value.field == field


async def test_the_memory_backend_is_refused_in_one_line() -> None:
    async with memory_backends() as backends:
        with pytest.raises(NotReady, match=r"^drafts: needs a database; the memory backend has none$"):
            await receive_message(backends, uuid4(), a_message(), actor=PIPELINE)


def first_id(desk: Desk, message: object) -> str:
    """The id that the channel gave a message."""
    [[external_id]] = desk.run("select external_id from drafts.messages where id = %s", message)
    return str(external_id)
