"""A mail joins the conversation that it answers, and a stranger joins none."""

import re
from uuid import UUID

import pytest

from control_plane.apps.drafts.mail.threads import ReplyAddresses, has_no_room, references_of
from tests.control_plane.apps.drafts.mail_samples import OWN, TENANT, a_mail, parsed

CONVERSATION = UUID("22222222-2222-4222-8222-222222222222")
ADDRESS = OWN.address_of(CONVERSATION)


def test_keys_are_in_reply_to_then_references_newest_first_then_our_own_address() -> None:
    raw = a_mail(in_reply_to="<c@a>", references="<a@a> <b@a>\r\n\t<c@a>", cc=f"Desk <{ADDRESS.upper()}>")
    message = parsed(raw)
    assert message.conversation_keys == ("<c@a>", "<b@a>", "<a@a>", f"conversation:{CONVERSATION}")
    assert message.conversation_external_id == "<a@a> ann@b.example"
    assert message.metadata["references"] == ["<a@a>", "<b@a>", "<c@a>"]


def test_references_that_are_cyclic_or_endless_are_bounded() -> None:
    cyclic = parsed(a_mail(in_reply_to="<m1@b.example>", references="<m1@b.example> <x@a> <m1@b.example> <x@a>"))
    assert cyclic.conversation_keys == ("<x@a>",)
    endless = parsed(a_mail(references=" ".join(f"<{number}@a>" for number in range(10_000))))
    assert endless.conversation_keys == tuple(f"<{number}@a>" for number in range(9999, 9949, -1))
    assert endless.conversation_external_id == "<0@a> ann@b.example"


def test_ids_that_are_no_ids_are_ignored() -> None:
    raw = a_mail(in_reply_to="your mail of Monday", references=b"<\xff@a> <> <a b@c> conversation:1 <ok@a>")
    assert parsed(raw).conversation_keys == ()  # a line that is not ASCII is no list of ids
    assert parsed(a_mail(references="<> <a b@c> conversation:1 <ok@a>")).conversation_keys == ("<ok@a>",)


def test_two_customers_who_answer_one_unknown_mail_have_two_conversations() -> None:
    conversations = {
        parsed(a_mail(from_=f"{name}@b.example", in_reply_to="<newsletter@acme.example>")).conversation_external_id
        for name in ("ann", "bob")
    }
    assert conversations == {"<newsletter@acme.example> ann@b.example", "<newsletter@acme.example> bob@b.example"}


def test_a_message_without_id_has_none() -> None:
    message = parsed(a_mail(message_id=None))
    assert (message.external_id, message.conversation_external_id) == (None, "2026-03-05T09:00:00+00:00 ann@b.example")


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS.replace("@", "a@"),
        ADDRESS[:-18] + ("b" if ADDRESS[-18] == "a" else "a") + ADDRESS[-17:],
        ADDRESS.replace("acme.example", "evil.example"),
        ReplyAddresses("desk@acme.example", TENANT, "another key, of 32 characters ok").address_of(CONVERSATION),
        ReplyAddresses("desk@acme.example", CONVERSATION, "k" * 32).address_of(CONVERSATION),
        ReplyAddresses("sales@acme.example", TENANT, "k" * 32).address_of(CONVERSATION),
        "desk+c@acme.example",
        "desk@acme.example",
        "",
    ],
)
def test_an_address_that_we_did_not_sign_names_no_conversation(address: str) -> None:
    assert OWN.conversation_of(ADDRESS) == CONVERSATION
    assert OWN.conversation_of(address) is None


@pytest.mark.parametrize(("length", "signature"), [(1, 16), (20, 16), (21, 15), (26, 10)])
def test_a_long_address_has_a_shorter_signature(length: int, signature: int) -> None:
    own = ReplyAddresses(f"{'x' * length}@acme.example", TENANT, "k" * 32)
    address = own.address_of(CONVERSATION)
    assert len(address.partition("@")[0]) == length + 28 + signature <= 64
    assert own.conversation_of(address) == CONVERSATION
    changed = address.replace("@", "a@") if signature < 16 else address.replace("@", "@x.")
    assert own.conversation_of(changed) is None
    assert own.conversation_of(re.sub(r".@", "@", address)) is None
    assert not has_no_room(own.address)


def test_an_address_without_room_for_a_signature_is_said_to_have_none() -> None:
    own = ReplyAddresses(f"{'x' * 27}@acme.example", TENANT, "k" * 32)
    assert has_no_room(own.address)
    assert own.address_of(CONVERSATION) == own.address
    assert own.conversation_of(f"{'x' * 27}+c{'a' * 26}@acme.example") is None


def test_an_answer_refers_to_the_oldest_and_the_newest() -> None:
    assert references_of(["<a@a>"], "<b@a>") == ["<a@a>", "<b@a>"]
    long = references_of([f"<{number}@a>" for number in range(80)], "<b@a>")
    assert (len(long), long[0], long[1], long[-1]) == (50, "<0@a>", "<32@a>", "<b@a>")
