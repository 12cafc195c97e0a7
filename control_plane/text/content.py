"""The text that was read from a document."""

import re
from dataclasses import dataclass

_BLANKS_PATTERN = re.compile(r"[^\S\n]+")
_LANGUAGE_PATTERN = re.compile(r"[a-z]{2,3}")
MAX_HEADING = 300


@dataclass(frozen=True, slots=True)
class Section:
    """The paragraphs below a heading; the heading is empty at the start of a document."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A document as text. `language` is an ISO 639 code."""

    title: str = ""
    language: str | None = None
    sections: tuple[Section, ...] = ()

    @property
    def text(self) -> str:
        """The whole text, with blank lines between paragraphs."""
        parts = (part for section in self.sections for part in (section.heading, *section.paragraphs))
        return "\n\n".join(part for part in parts if part)


def clean(content: Content) -> Content:
    """The content without characters that PostgreSQL cannot store, superfluous blanks, and empty parts."""
    sections = []
    for section in content.sections:
        paragraphs = tuple(text for paragraph in section.paragraphs if (text := clean_text(paragraph)))
        if paragraphs:
            sections.append(Section(clean_text(section.heading)[:MAX_HEADING], paragraphs))
    language = (content.language or "").partition("-")[0].lower()
    return Content(
        title=clean_text(content.title),
        language=language if _LANGUAGE_PATTERN.fullmatch(language) else None,
        sections=tuple(sections),
    )


def clean_text(text: str) -> str:
    """The text without NUL and lone surrogates, and with single blanks."""
    storable = text.replace("\0", "").encode("utf-8", "replace").decode()
    lines = (_BLANKS_PATTERN.sub(" ", line).strip() for line in storable.splitlines())
    return "\n".join(line for line in lines if line)


def sections_of(parts: list[tuple[bool, str]]) -> tuple[Section, ...]:
    """Make sections from the parts of a document, in their order. A part is (whether it is a heading, its text)."""
    sections: list[Section] = []
    heading, paragraphs = "", list[str]()
    for is_heading, text in [*parts, (True, "")]:
        if is_heading:
            sections.append(Section(heading, tuple(paragraphs)))
            heading, paragraphs = text, []
        else:
            paragraphs.append(text)
    return tuple(section for section in sections if section.paragraphs)
