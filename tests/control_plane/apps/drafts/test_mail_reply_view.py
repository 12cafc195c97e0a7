"""The view of a reply shows what the customer wrote, and never hides a word of it.

`mails/` has 30 replies to `sent-<language>.txt`, by five kinds of program in six languages, with the view that a person
expects of each.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.apps.drafts.mail import reply_view
from control_plane.apps.drafts.mail.quote_marks import introduction_length, is_quoted
from control_plane.apps.drafts.mail.reply_view import ReplyView, _Known, view_reply, view_thread
from tests.control_plane.apps.drafts.mail_samples import parsed

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))


def view_of(mail: Path) -> tuple[str, ReplyView, str]:
    """The text of the mail, its view, and what was sent before."""
    language = mail.stem.rpartition("-")[2]
    sent = mail.with_name(f"sent-{language}.txt").read_text(encoding="utf-8")
    text = parsed(mail.read_bytes()).text
    return text, view_reply(text, [sent]), sent


def test_there_are_thirty_mails_of_five_programs_in_six_languages() -> None:
    names = [mail.stem.rpartition("-") for mail in MAILS]
    assert (len(names), len({name[0] for name in names}), len({name[2] for name in names})) == (30, 5, 6)


def test_nine_of_ten_views_are_exactly_what_a_person_expects() -> None:
    wrong = [mail.stem for mail in MAILS if view_of(mail)[1].text != mail.with_suffix(".view.txt").read_text().strip()]
    assert len(wrong) <= 3, wrong


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_no_word_of_the_customer_is_hidden(mail: Path) -> None:
    text, view, sent = view_of(mail)
    expected = mail.with_suffix(".view.txt").read_text(encoding="utf-8")
    assert set(expected.split()) <= set(view.text.split())
    assert "\n".join(segment.text for segment in view.segments) == text
    assert not list(unexplained(view, [sent]))


def unexplained(view: ReplyView, earlier: list[str]) -> Iterator[str]:
    """Hidden lines that are no quote, no introduction of one, and no words of an earlier message."""
    said = " ".join(" ".join(text.split()) for text in earlier).casefold()
    for segment in view.segments:
        lines = segment.text.split("\n")
        introductions = {
            line for start in range(len(lines)) for line in range(start, start + introduction_length(lines, start))
        }
        for number, line in enumerate(lines if segment.kind == "quote" else ()):
            is_explained = not line.strip() or is_quoted(line) or number in introductions
            if not is_explained and " ".join(line.split()).casefold() not in said:
                yield line


EARLIER = ["Hello Ann,\n\nWould you like a refund?\nTo which address should we send it?\n\nRegards", "Thanks"]
LINES = st.sampled_from([
    "", "> Would you like a refund?", ">> deep", "On 5 March 2026 Acme <a@acme.example> wrote:", "Thanks", "Hello Ann,",
    "Would you like a refund?", "Yes, a refund.", "From: here on I wait.", "From: a", "Sent: 5 March", "To: b",
    "Subject: c", "From: eve@evil.example", "On 5 March I", "wrote:", "-----Original Message-----", "______________",
    "Regards", "To which address should we send it?", "Am 5. März schrieb Acme:", "?", "😀", "-- ", " ",
])  # fmt: skip


@given(st.lists(LINES, max_size=25))
def test_every_hidden_line_is_a_quote_or_introduces_one(lines: list[str]) -> None:
    view = view_reply("\n".join(lines), EARLIER)
    assert "\n".join(segment.text for segment in view.segments) == "\n".join(lines)
    assert not list(unexplained(view, EARLIER))


@pytest.mark.parametrize(
    "text",
    [
        "From: here on, nothing arrives.\nSent: nothing.\nHelp!",
        "On Monday you wrote:\nthat it would come.",
        "Thanks\n\nOn 5 March I wrote to you and got no answer:\nnothing at all.",
        "From: Eve <eve@evil.example>\nSent: 5 March 2026\nTo: Ann\nSubject: Invoice\n\nThis was never said to us.",
        "Hello Ann,\nWould you like a refund?",
        "2 > 1\n\nI pay > 5 €",
    ],
)
def test_what_looks_like_a_quote_but_is_none_is_seen(text: str) -> None:
    assert view_reply(text, EARLIER).text == text


def test_a_short_answer_between_unmarked_lines_is_seen() -> None:
    head = "From: Acme <desk@acme.example>\nSent: 5 March 2026\nTo: Ann\nSubject: Re: Order"
    quote = "Hello Ann,\n\nWould you like a refund?\nYes\nTo which address should we send it?\nThanks\n\nRegards"
    assert view_reply(f"See below.\n\n{head}\n\n{quote}", EARLIER).text == "See below.\n\nYes\n\nThanks"


def test_the_messages_of_a_thread_are_viewed_as_each_one_alone() -> None:
    texts = [*EARLIER, "Yes.\n\nOn Monday Desk wrote:\n" + "\n".join(EARLIER[0].split("\n")), EARLIER[0], "> a\nNew"]
    alone = [view_reply(text, texts[:number]) for number, text in enumerate(texts)]
    assert view_thread(texts) == alone
    assert any(segment.kind == "quote" for view in alone for segment in view.segments)


def test_a_short_line_that_would_continue_the_quote_of_another_message_is_seen() -> None:
    first = "The parcel is on its way to you, with two labels\nand one invoice"
    second = "> The parcel is on its way to you, with two labels\nThanks!"
    third = "On Mon, 1 Jun 2026 at 10:00, Ann <ann@a.example> wrote:\n> Anything else?\n\nand one invoice"
    assert view_thread([first, second, third])[2].text == "and one invoice"


def test_each_text_of_a_thread_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[str]()

    class Counted(_Known):
        def add(self, text: str) -> None:
            read.append(text)
            super().add(text)

    monkeypatch.setattr(reply_view, "_Known", Counted)
    view_thread(["a", "b", "c"])
    assert read == ["a", "b", "c"]
