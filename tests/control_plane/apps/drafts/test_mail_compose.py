"""A reply is one mail to one recipient in its thread, and nothing in it can add a header or a recipient."""

from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.drafts.mail.compose import FileLink, compose_reply, message_id_of, reply_subject
from services.envelope import MAX_PAYLOAD_BYTES
from services.errors import InvalidInput
from services.tools.email.message import mail_of
from tests.control_plane.apps.drafts.mail_samples import OWN, RECEIVED_AT, a_mail, parsed
from tests.tools.builders import a_call
from tests.tools.smtp import settings_for, to_server

CONVERSATION = UUID("22222222-2222-4222-8222-222222222222")


def composed(**fields: Any) -> dict[str, Any]:
    return compose_reply(**{"to": "ann@b.example", "subject": "Order", "text": "Hello Ann.\n", **fields})


def test_a_reply_names_what_it_answers_and_where_answers_go() -> None:
    assert composed(answers="<m2@b.example>", references=["<m1@b.example>"], reply_to="desk@acme.example") == {
        "to": ["ann@b.example"], "subject": "Re: Order", "text": "Hello Ann.\n", "reply_to": "desk@acme.example",
        "in_reply_to": "<m2@b.example>", "references": ["<m1@b.example>", "<m2@b.example>"],
    }  # fmt: skip


def test_the_customers_answer_to_a_sent_reply_finds_its_conversation() -> None:
    arguments = composed(answers="<m1@b.example>", reply_to=OWN.address_of(CONVERSATION), html="<p>Hello</p>")
    call = a_call(to_server(), arguments=arguments)
    sent = mail_of(call, settings_for(25), RECEIVED_AT)
    as_received = parsed(sent.content)
    assert sent.message_id == message_id_of(call.envelope_id, "desk@acme.example") == as_received.external_id
    assert as_received.conversation_keys[:1] == ("<m1@b.example>",)
    by_id = parsed(
        a_mail(message_id="<m2@b.example>", in_reply_to=sent.message_id, references=f"<m1@b.example> {sent.message_id}")
    )
    assert by_id.conversation_keys == (sent.message_id, "<m1@b.example>")
    by_address = parsed(a_mail(to=as_received.reply_to))
    assert by_address.conversation_keys == (f"conversation:{CONVERSATION}",)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Order", "Re: Order"),
        ("Re: Order", "Re: Order"),
        ("AW: Bestellung", "AW: Bestellung"),
        ("RE[2]: Order", "RE[2]: Order"),
        ("Order\r\nBcc: eve@evil.example", "Re: Order Bcc: eve@evil.example"),
        ("", "Re:"),
        (None, "Re:"),
    ],
)
def test_the_subject_is_one_line_with_one_prefix(subject: str | None, expected: str) -> None:
    assert reply_subject(subject) == expected
    mail_of(a_call(to_server(), arguments=composed(subject=subject)), settings_for(25), RECEIVED_AT)


def test_a_long_subject_fits() -> None:
    mail_of(a_call(to_server(), arguments=composed(subject="x" * 5000)), settings_for(25), RECEIVED_AT)


def test_ids_that_the_tool_refuses_are_left_out() -> None:
    arguments = composed(answers="<a(b)@c d>", references=["<ok@a>", "nonsense", "<ä@b>"])
    assert (arguments.get("in_reply_to"), arguments["references"]) == (None, ["<ok@a>"])


def test_files_go_as_links_and_never_hidden_behind_a_page() -> None:
    files = [FileLink(name="a\nb.pdf", url="https://files.example/a?signature=x")]
    arguments = composed(html="<p>Hello</p>", files=files)
    assert (arguments["text"], "html" in arguments) == (
        "Hello Ann.\n\n\na b.pdf: https://files.example/a?signature=x\n", False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"to": "ann@b.example, eve@evil.example"}, "to: must be one e-mail address"),
        ({"to": "ann@b.example\r\nBcc: eve@evil.example"}, "to: must be one e-mail address"),
        ({"text": " \n"}, "text: is empty"),
        ({"text": "a\x00"}, "text: has NUL or a lone surrogate"),
        ({"html": "\ud800"}, "html: has NUL or a lone surrogate"),
        ({"files": [FileLink(name="a", url="http://files.example/a")]}, r"files\[0\].url: must be an https URL"),
        ({"files": [FileLink(name="a", url="https://f.example/\nb")]}, r"files\[0\].url: must be an https URL"),
        ({"text": "x" * MAX_PAYLOAD_BYTES}, r"text: is too long: the mail would have [0-9,]+ bytes of 65,536"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anybody_approves_it(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{problem}$"):
        composed(**fields)
