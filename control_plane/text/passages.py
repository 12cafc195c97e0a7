"""Cut a text into passages. A passage is what a search finds and what a reply quotes, so it stays small."""

import re
from collections.abc import Iterator, Sequence

ENOUGH_WORDS = 80
"""Paragraphs are joined as long as they have at most this many words together."""
MAX_WORDS = 160
"""A longer paragraph is cut between sentences, and a longer sentence between words."""

_SENTENCE_END_PATTERN = re.compile(r"(?<=[.!?…:])\s+|\n")


def cut_paragraphs(paragraphs: Sequence[str]) -> Iterator[str]:
    """The passages of a section, in their order. If a paragraph is cut, each part after the first begins with the last
    sentence of the part before, unless that sentence is long."""
    joined: list[str] = []
    words = 0
    for paragraph in paragraphs:
        size = len(paragraph.split())
        if joined and words + size > ENOUGH_WORDS:
            yield "\n".join(joined)
            joined, words = [], 0
        if size > MAX_WORDS:
            yield from _cut_paragraph(paragraph)
            continue
        joined.append(paragraph)
        words += size
    if joined:
        yield "\n".join(joined)


def sentences(text: str) -> list[str]:
    """The sentences of a text. A line end also ends a sentence."""
    return [part for part in _SENTENCE_END_PATTERN.split(text) if part.strip()]


def _cut_paragraph(paragraph: str) -> Iterator[str]:
    current: list[str] = []
    words = 0
    for sentence in _short_sentences(paragraph):
        size = len(sentence.split())
        if current and words + size > MAX_WORDS:
            yield " ".join(current)
            last = current[-1]
            current = [last] if len(last.split()) < MAX_WORDS // 4 else []
            words = sum(len(each.split()) for each in current)
        current.append(sentence)
        words += size
    if current:
        yield " ".join(current)


def _short_sentences(paragraph: str) -> Iterator[str]:
    for sentence in sentences(paragraph):
        words = sentence.split()
        for start in range(0, len(words), MAX_WORDS):
            yield " ".join(words[start : start + MAX_WORDS])
