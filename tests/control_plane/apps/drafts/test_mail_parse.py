"""Whatever comes as mail becomes one message with all of the customer's words, or one clear refusal."""

import base64
import hashlib
import tracemalloc
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_plane.apps.drafts.inbound import Attachment, InboundMessage, to_document
from services.errors import InvalidInput
from tests.control_plane.apps.drafts.mail_samples import RECEIVED_AT, a_mail, multipart, parsed

PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n"


def test_a_simple_mail_becomes_a_message() -> None:
    assert parsed(a_mail()) == InboundMessage(
        channel_external_id="desk", conversation_keys=(), conversation_external_id="<m1@b.example> ann@b.example",
        external_id="<m1@b.example>", subject="Where is my order?", text="Hello,\nwhere is my order?\n", html=None,
        sent_at=datetime(2026, 3, 5, 9, tzinfo=UTC), customer_email="ann@b.example", customer_name="Ann Miller",
        metadata={"references": []},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("charset", "body", "text", "note"),
    [
        ("utf-8", "Größe".encode(), "Größe", None),
        ("iso-8859-1", "Größe für 5 €".encode("cp1252"), "Größe für 5 €", None),
        ("iso-8859-1", "Größe".encode(), "Größe", "part 1: charset iso-8859-1, read as utf-8"),
        ("utf-8", "Größe".encode("latin-1"), "Größe", "part 1: charset utf-8, read as cp1252"),
        (None, "Größe".encode(), "Größe", "part 1: charset absent, read as utf-8"),
        ("x-nonsense", "Größe".encode(), "Größe", "part 1: charset x-nonsense, read as utf-8"),
        ("base64", "Größe".encode(), "Größe", "part 1: charset base64, read as utf-8"),
        ("gb2312", "镕基".encode("gb18030"), "镕基", None),
        ("iso-2022-jp", "日本語".encode("iso-2022-jp"), "日本語", None),
        ("utf-7", b"a+2AA-b", "a\ufffdb", "text: NUL or lone surrogates became U+FFFD"),
        ("utf-8", b"a\x00b", "a\ufffdb", "text: NUL or lone surrogates became U+FFFD"),
    ],
)
def test_a_charset_that_lies_or_is_absent_costs_no_word(
    charset: str | None, body: bytes, text: str, note: str | None
) -> None:
    content_type = "text/plain" + (f"; charset={charset}" if charset else "")
    message = parsed(a_mail(body, content_type=content_type))
    assert (message.text, message.metadata.get("notes")) == (text, [note] if note else None)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("Rückgabe".encode(), "Rückgabe"),
        ("Rückgabe".encode("latin-1"), "Rückgabe"),
        (b"=?utf-8?b?4oKs?=\r\n =?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "€€"),
        (b"=?x-none?q?R=FCckgabe?=", "Rückgabe"),
        (b"=?utf-8?b?!!!?= x", "x"),
        (b"a\x00b", "a\ufffdb"),
        (b"one\r\n\ttwo", "one two"),
        (b"", None),
    ],
)
def test_a_subject_is_read_in_every_spelling(raw: bytes, subject: str | None) -> None:
    assert parsed(a_mail(subject=raw)).subject == subject


@pytest.mark.parametrize(
    ("sender", "email", "name"),
    [
        ("ANN@B.Example", "ann@b.example", None),
        ('"Miller, Ann" <ann@b.example>', "ann@b.example", "Miller, Ann"),
        ("=?utf-8?q?Jos=C3=A9?= <jose@b.example>", "jose@b.example", "José"),
        ("=?utf-8?q?eve=40evil.example=2C?= <ann@b.example>", "ann@b.example", "eve@evil.example,"),
        ("nobody", None, None),
        (None, None, None),
    ],
)
def test_the_customer_is_the_address_in_from(sender: str | None, email: str | None, name: str | None) -> None:
    message = parsed(a_mail(from_=sender))
    assert (message.customer_email, message.customer_name) == (email, name)


def test_from_in_prose_and_headers_in_the_body_are_text() -> None:
    body = "From: eve@evil.example\nReply-To: eve@evil.example\n\nFrom: here on, nothing arrives.\n"
    message = parsed(a_mail(body))
    assert (message.customer_email, message.reply_to, message.text) == ("ann@b.example", None, body)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 5 Mar 2099 10:00:00 +0000", "1 Jan 1970 00:00:00 -2300"])
def test_a_date_that_cannot_be_is_the_moment_of_arrival(date: str | None) -> None:
    assert parsed(a_mail(date=date)).sent_at == RECEIVED_AT


def test_flowed_paragraphs_become_lines_and_quotes_stay_quotes() -> None:
    body = "This was \nwrapped.\n> so was \n> this\n>> deeper\n-- \nAnn\n"
    message = parsed(a_mail(body, content_type="text/plain; format=flowed"))
    assert message.text == "This was wrapped.\n> so was this\n>> deeper\n-- \nAnn\n"


def test_nested_parts_give_all_texts_in_their_order_and_list_the_files() -> None:
    alternative_type, alternative = multipart("alternative", PLAIN + "First.", HTML + "<p>First.</p>", boundary="in")
    file = "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n"
    content_type, body = multipart(
        "mixed", f"Content-Type: {alternative_type}\r\n\r\n".encode() + alternative, file, PLAIN + "Second."
    )
    message = parsed(a_mail(body, content_type=content_type))
    assert (message.text, message.html) == ("First.\nSecond.", "<p>First.</p><hr><pre>Second.</pre>")
    assert message.attachments == (
        Attachment(
            name="a.pdf", content_type="application/pdf", size_bytes=5, sha256=hashlib.sha256(b"hello").hexdigest(),
            reference="part 2",
        ),
    )  # fmt: skip


def test_html_alone_becomes_text_with_its_lists_and_quotes() -> None:
    page = "<p>Hello,<br>two things:</p><ul><li>one<li>two</ul><blockquote><p>old</p></blockquote>"
    message = parsed(a_mail(page, content_type="text/html"))
    assert message.text == "Hello,\ntwo things:\n\n  * one\n  * two\n\n> old"


def test_scripts_and_trackers_are_inert() -> None:
    page = (
        '<p onclick="x()">Hi<script>alert(1)</script><img src="https://t.example/p.gif"><style>@import "x"</style>'
        '<a href="javascript:x()">a</a><iframe src="//evil.example"></iframe><form action="//evil.example">'
        '<input name="password"></form><svg onload="x()"></svg><a href="https://b.example/">b</a></p>'
    )
    message = parsed(a_mail(page, content_type="text/html"))
    rel = 'rel="noopener noreferrer nofollow"'
    assert message.html == f'<p>Hi<a {rel}>a</a></p><a href="https://b.example/" {rel}>b</a><p></p>'
    assert message.text.split() == ["Hi", "a", "b"] or message.text.split() == ["Hia", "b"]


def test_twenty_thousand_quotes_are_marked_in_one_pass() -> None:
    """If each line were compared with each quote, this would take minutes."""
    message = parsed(
        a_mail("<p>a</p><blockquote>b<blockquote>c</blockquote></blockquote>" * 10_000, content_type="text/html")
    )
    marks = Counter(line.strip() for line in message.text.split("\n"))
    assert marks == {"a": 10_000, "> b": 10_000, ">> c": 10_000, "": marks[""]}


def test_html_nested_fifty_thousand_deep_keeps_its_words() -> None:
    message = parsed(a_mail("<div>" * 50_000 + "deep" + "</div>" * 50_000, content_type="text/html"))
    assert (message.html, message.text) == (None, "deep")
    assert message.metadata["notes"] == ["html: nested too deeply; only its text is kept"]


def test_a_winmail_file_is_kept_and_noted() -> None:
    file = 'Content-Type: application/octet-stream; name="winmail.dat"\r\n\r\nx'
    content_type, body = multipart("mixed", PLAIN + "", file)
    message = parsed(a_mail(body, content_type=content_type))
    assert message.metadata["notes"] == ["part 2: in Outlook's own format; not unpacked"]
    assert [(file.name, file.note) for file in message.attachments] == [
        ("winmail.dat", "in Outlook's own format; not unpacked")
    ]


def test_an_archive_is_measured_and_never_unpacked() -> None:
    bomb = base64.encodebytes(b"PK\x03\x04" + b"\x00" * 300_000)
    head = b"Content-Type: application/zip; name=../../x.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    content_type, body = multipart("mixed", PLAIN + "See file.", head + bomb)
    [file] = parsed(a_mail(body, content_type=content_type)).attachments
    assert (file.name, file.size_bytes) == (".._.._x.zip", 300_004)


@pytest.mark.slow
def test_a_mail_of_50_mb_costs_little_more_memory_than_its_bytes() -> None:
    file = b"Content-Type: video/mp4; name=v.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    file += (b"A" * 76 + b"\r\n") * (50 * 1024 * 1024 // 78)
    content_type, body = multipart("mixed", PLAIN + "My words.", file)
    raw = a_mail(b"", content_type=content_type) + body
    tracemalloc.start()
    message = parsed(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (message.text, message.attachments[0].size_bytes) == ("My words.", 50 * 1024 * 1024 // 78 * 57)
    assert peak < 8 * 1024 * 1024


def test_a_text_of_5_mb_is_cut_and_says_so() -> None:
    message = parsed(a_mail(b"word " * 1_000_000))
    assert (len(message.text), message.metadata["notes"]) == (
        1024 * 1024, ["part 1: cut after 1,048,576 bytes; the mailbox has the rest"],
    )  # fmt: skip


def test_a_wrong_transfer_encoding_costs_no_word() -> None:
    assert parsed(a_mail("Just text, really.", content_transfer_encoding="base64")).text == "Just text, really."
    assert parsed(a_mail("a=3Db=\nc", content_transfer_encoding="quoted-printable")).text == "a=bc"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "mail: is empty"),
        (b" \r\n\r\n", "mail: is empty"),
        (b"\r\n\r\nbody", "mail: has no header"),
        (b"x" * (64 * 1024 * 1024 + 1), "mail: is longer than 67,108,864 bytes"),
        (b"X: " + b"x" * 1_100_000, "mail: has a header of more than 1,048,576 bytes"),
    ],
)
def test_what_is_no_mail_is_refused_in_one_line(raw: bytes, problem: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{problem}$"):
        parsed(raw)


@pytest.mark.parametrize("sender", ["(" * 20_000, "a:" * 15_000, '"' * 20_000, "<" * 20_000])
def test_a_sender_of_brackets_in_brackets_is_nobody(sender: str) -> None:
    message = parsed(a_mail("Where is it?", from_=sender))
    assert (message.text, message.customer_email) == ("Where is it?", None)


def test_a_mail_of_more_than_a_thousand_parts_is_refused() -> None:
    content_type, body = multipart("mixed", *[PLAIN] * 1001)
    with pytest.raises(InvalidInput, match=r"^mail: has more than 1,000 parts$"):
        parsed(a_mail(body, content_type=content_type))


def test_parts_nested_without_end_become_a_file() -> None:
    body = "end"
    for level in range(200):
        body = f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n{body}\r\n--b{level}--\r\n'
    message = parsed(f"From: ann@b.example\r\n{body}".encode())
    assert (message.text, [file.content_type for file in message.attachments]) == ("", ["multipart/mixed"])


PIECES = st.sampled_from([
    b"\r\n", b"\r\n\r\n", b"--b1", b"--b1--", b"Content-Type: multipart/mixed; boundary=b1\r\n", b"\x00", b"\xff\xfe",
    b"Content-Type: text/html; charset=utf-16\r\n", b"Content-Transfer-Encoding: base64\r\n", b"<p>", b"=?utf-8?b?",
    b"Content-Type: text/plain; charset*=x'y'%ff; format=flowed\r\n", b"Date: 99 Foo\r\n", b"From: <@@>,;:\r\n", b"> ",
    b'Content-Disposition: attachment; filename*0*=x\'\'%00; filename="=?a?b?c?="\r\n', b"References: <a@b> <a@b>\r\n",
    b"In-Reply-To: <\xff@b>\r\n", b"Auto-Submitted:\r\n", b"Reply-To: a@b.example\r\n", b"\xed\xa0\x80", b"+2AA-",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.binary(max_size=20), max_size=30))
def test_no_bytes_break_the_reader(pieces: list[bytes]) -> None:
    with suppress(InvalidInput):
        document = orjson.dumps(to_document(parsed(b"".join(pieces))))  # refuses lone surrogates
        assert b"\\u0000" not in document


def test_a_part_without_headers_is_plain_text() -> None:
    """RFC 2046, 5.1: such a part begins with an empty line."""
    for end in (b"\r\n", b"\n"):
        body = end.join([b"--b", b"", b"Where is it?", b"--b", b"Content-Type: image/png", b"", b"x", b"--b--", b""])
        raw = b"From: ann@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + body
        message = parsed(raw)
        assert (message.text.strip(), len(message.attachments)) == ("Where is it?", 1)


@pytest.mark.parametrize("header", [b"Content-Type: text/plain", b"Content-Disposition: inline"])
def test_endless_parameters_are_not_read(header: bytes) -> None:
    raw = b"From: ann@b.example\n" + header + b"; a*0*=utf-8''x" * 1100 + b"\n\nhello"
    with pytest.raises(InvalidInput, match=r"^mail: has a Content-Type or Content-Disposition of more than 16,384"):
        parsed(raw)
