"""Cut an article into the passages that a search finds, each with its embedding."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from control_plane.text.embeddings import embed, pack
from control_plane.text.languages import detect_language
from control_plane.text.passages import cut_paragraphs

MAX_PASSAGES = 500
"""Text after this many passages (about 40,000 words) is not searched."""
MAX_CHARACTERS = 4000
"""A passage is cut here if its text has no blanks."""
_HEADING_PATTERN = re.compile(r"#{1,6}[ \t]+(?P<heading>.*?)[ \t#]*")
_PARAGRAPH_END_PATTERN = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPassage:
    """A passage as the database stores it. `embedding` and `signature` are in hex."""

    heading: str
    """The title of the article, and the heading of the section."""
    text: str
    """Empty if the article has only a title."""
    language: str | None
    embedding: str
    signature: str


def index_article(title: str, content: str | None) -> list[IndexedPassage]:
    """The passages of an article in their order, at least one. Lines that begin with `#` are headings, as in Markdown.
    Takes about a millisecond of processor time per passage."""
    title = title[:500]
    pairs = [pair for pair, _ in zip(_cut(title, content or ""), range(MAX_PASSAGES), strict=False)] or [(title, "")]
    language = detect_language(content or title)
    vectors = embed([f"{heading}. {text}" for heading, text in pairs], [language] * len(pairs))
    return [
        IndexedPassage(heading=heading, text=text, language=language, embedding=embedding, signature=signature)
        for (heading, text), (embedding, signature) in zip(pairs, pack(vectors), strict=True)
    ]


def _cut(title: str, content: str) -> Iterator[tuple[str, str]]:
    """Pairs of heading and text, one for each passage."""
    heading, paragraphs = title, list[str]()
    for part, is_heading in [*_parts(content), ("", True)]:
        if not is_heading:
            paragraphs.append(part)
            continue
        for text in cut_paragraphs(paragraphs):
            yield heading, text[:MAX_CHARACTERS]
        heading, paragraphs = " – ".join(dict.fromkeys(each for each in (title, part[:500]) if each)), []


def _parts(content: str) -> Iterator[tuple[str, bool]]:
    """The paragraphs and headings in their order; True for a heading."""
    for paragraph in _PARAGRAPH_END_PATTERN.split(content.replace("\r\n", "\n")):
        lines: list[str] = []
        for line in paragraph.splitlines():
            found = _HEADING_PATTERN.fullmatch(line.strip())
            if found is None:
                lines.append(line)
                continue
            if text := "\n".join(lines).strip():
                yield text, False
            yield found["heading"], True
            lines = []
        if text := "\n".join(lines).strip():
            yield text, False
