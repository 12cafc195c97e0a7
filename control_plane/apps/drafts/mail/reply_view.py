"""Find the new text in a reply: quotes and their introductions are hidden from view. The stored message stays whole.

A line is hidden only if it is marked as a quote (`>`), introduces a quote, or, after such an introduction, repeats text
of an earlier message. So answers between quoted lines stay visible, even if the mail program does not mark quotes.
Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from control_plane.apps.drafts.mail.quote_marks import introduction_length, is_quoted

_LINK = re.compile(r"<(?:mailto|https?):[^<>]*>")
_WORD = re.compile(r"\w+")
_TELLING_WORDS = 4
"""A sequence of this many words does not occur in two messages by chance."""
_MOST_POSITIONS = 50
"""The most lines with the same beginning that are compared, so that a hostile message does not take long."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive lines that are all new or all quoted."""

    kind: Literal["new", "quote"]
    text: str


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A message divided into segments. Each line is in exactly one segment."""

    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The new text, with a blank line in place of each quote."""
        return "\n\n".join(new for each in self.segments if each.kind == "new" and (new := each.text.strip("\n ")))


def view_reply(text: str, earlier: Sequence[str] = ()) -> ReplyView:
    """The view of a message. `earlier` has the texts of the earlier messages of the conversation, in any order."""
    known = _Known()
    for each in earlier:
        known.add(each)
    return _view(text, known)


def view_thread(texts: Sequence[str]) -> list[ReplyView]:
    """The views of the messages of a conversation, the oldest first. Each text is read once, however many follow."""
    known = _Known()
    views = []
    for text in texts:
        views.append(_view(text, known))
        known.add(text)
    return views


def _view(text: str, known: "_Known") -> ReplyView:
    lines = text.split("\n")
    known.forget_position()
    hidden = _with_blank_lines_between(lines, _hidden_lines(lines, known))
    runs = groupby(range(len(lines)), key=lambda number: number in hidden)
    return ReplyView(
        tuple(Segment("quote" if quoted else "new", "\n".join(lines[number] for number in run)) for quoted, run in runs)
    )


def _hidden_lines(lines: Sequence[str], known: "_Known") -> set[int]:
    hidden = set[int]()
    number, is_after_introduction = 0, False
    while number < len(lines):
        line = lines[number]
        if is_quoted(line):
            hidden.add(number)
            known.follow(line.lstrip("> "))
        elif length := introduction_length(lines, number):
            after = next((n for n in range(number + length, len(lines)) if lines[n].strip()), len(lines))
            if after == len(lines) or is_quoted(lines[after]) or introduction_length(lines, after):
                hidden.update(range(number, after))
                is_after_introduction, number = True, after
                continue
            if known.begins_with(lines[after]):
                hidden.update(range(number, after + 1))
                is_after_introduction, number = True, after + 1
                continue
        elif is_after_introduction and line.strip() and known.follow(line):
            hidden.add(number)
        number += 1
    return hidden


class _Known:
    """The words of earlier messages, and the position up to which the view has followed a quote of one of them."""

    def __init__(self) -> None:
        self._messages: list[list[str]] = []
        self._lines: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        """The first words of a line, and each position (message and word) at which such a line begins."""
        self._signs: set[str] = set()
        """Lines without a word, such as a rule."""
        self._next: tuple[int, int] | None = None
        """The message and the word in it at which the quote would go on; None if no quote is followed."""

    def add(self, text: str) -> None:
        """Add an earlier message."""
        number, at = len(self._messages), 0
        words = _words(text)
        self._messages.append(words)
        for line in text.split("\n"):
            self._lines.setdefault(tuple(words[at : at + _TELLING_WORDS]), []).append((number, at))
            self._signs.add(line.strip())
            at += len(_words(line))

    def forget_position(self) -> None:
        """Forget the position in a quote, because another message begins."""
        self._next = None

    def begins_with(self, line: str) -> bool:
        """Whether an earlier message begins with these words or, if there are enough words, whether one of its lines
        does."""
        words = _words(line)
        starts = [(number, 0) for number in range(len(self._messages))]
        return (bool(words) and self._follow_at(words, starts)) or self.follow(line)

    def follow(self, line: str) -> bool:
        """Whether these words come next in the quoted message or, if there are enough words, whether they begin one of
        its lines."""
        words = _words(line)
        if not words:
            return line.strip() in self._signs
        if self._next is not None and self._follow_at(words, [self._next]):
            return True
        positions = self._lines.get(tuple(words[:_TELLING_WORDS]), ())[:_MOST_POSITIONS]
        return len(words) >= _TELLING_WORDS and self._follow_at(words, positions)

    def _follow_at(self, words: list[str], positions: Sequence[tuple[int, int]]) -> bool:
        for number, at in positions:
            if self._messages[number][at : at + len(words)] == words:
                self._next = (number, at + len(words))
                return True
        return False


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", text).casefold())


def _with_blank_lines_between(lines: Sequence[str], hidden: set[int]) -> set[int]:
    """The hidden lines and the blank lines between them. A blank line is hidden if a quote is on both sides, or if
    nothing follows."""
    return hidden | set(_blank_lines_between(lines, hidden))


def _blank_lines_between(lines: Sequence[str], hidden: set[int]) -> Iterator[int]:
    pending: list[int] | None = None
    for number, line in enumerate(lines):
        if number in hidden:
            yield from pending or ()
            pending = []
        elif not line.strip() and pending is not None:
            pending.append(number)
        else:
            pending = None
    yield from pending or ()
