"""Corrections: answers made from the edits of people, as proposals for later replies and as a YAML file. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import regex
import yaml  # type: ignore[import-untyped]

from control_plane.text.phrases import without_phrases
from services.errors import InvalidInput

MAX_PATTERN_WORDS = 4
MIN_WORD = 4
"""The shortest word, in letters, that is used: shorter words say little about a question."""
MAX_QUESTION = 2_000
"""Characters of the question that are kept."""
_WORD_PATTERN = regex.compile(r"\b\p{L}+\b")
_UNFOLDED_PATTERN = re.compile("[\r\x85\u2028\u2029\ufeff]")
"""Characters that a YAML reader changes unless they are escaped."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ADDRESS_PATTERN = re.compile(r"\S+@\S+|https?://\S+")
_FIELDS = ("id", "patterns", "answer", "sources", "last_verified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An answer that people verified, for messages that one of the regular expressions matches."""

    id: str
    patterns: tuple[str, ...]
    answer: str
    sources: tuple[str, ...]
    """The addresses of the documents that the answer is based on."""
    last_verified: date


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # yaml has no types
    """Writes each text so that it reads back identically."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style='"' if _UNFOLDED_PATTERN.search(text) else None
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A draft that a person edited, and the messages that it answered."""

    id: UUID
    draft_id: UUID
    conversation_id: UUID
    question: str
    draft: str
    final: str
    sources: tuple[str, ...]
    topic: str | None
    customer_name: str | None
    customer_email: str | None
    created_at: datetime


def correction_from(sample: Sample) -> Correction:
    """The correction that the sample gives, without greeting, closing, and the customer's name and address."""
    return Correction(
        id=f"sample-{sample.id}",
        patterns=patterns_for(question_of(sample), sample.final),
        answer=_without_customer(without_phrases(sample.final), sample).strip(),
        sources=sample.sources,
        last_verified=sample.created_at.date(),
    )


def question_of(sample: Sample) -> str:
    """The question without the customer's name and address, shortened."""
    return _without_customer(sample.question, sample)[:MAX_QUESTION].strip()


def patterns_for(question: str, answer: str) -> tuple[str, ...]:
    """One regular expression that matches messages with the most characteristic words of the question, in any order.
    Empty if the question has no such words.

    The most characteristic words are those that the answer repeats, then long words.
    """
    words = {word.casefold(): word for word in _WORD_PATTERN.findall(_ADDRESS_PATTERN.sub(" ", question))}
    answered = {word.casefold() for word in _WORD_PATTERN.findall(answer)}
    telling = sorted(
        (folded for folded in words if len(folded) >= MIN_WORD),
        key=lambda folded: (folded not in answered, -len(folded), folded),
    )[:MAX_PATTERN_WORDS]
    if len(telling) < 2:  # one word alone would match too many messages
        return ()
    chosen_words = [word for folded, word in words.items() if folded in telling]
    # without \A, a message that does not match would be searched from each of its characters again
    return (r"(?is)\A" + "".join(rf"(?=.*\b{re.escape(word)}\b)" for word in chosen_words),)


def write_corrections(corrections: Iterable[Correction]) -> str:
    """A YAML list, which `read_corrections` reads back identically."""
    rows = [
        {
            "id": each.id,
            "patterns": list(each.patterns),
            "answer": each.answer,
            "sources": list(each.sources),
            "last_verified": each.last_verified,
        }
        for each in corrections
    ]
    text: str = yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text


def read_corrections(text: str) -> list[Correction]:
    """The corrections of a YAML list. Raises InvalidInput, which names the entry and the field."""
    try:
        rows = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe one
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise InvalidInput("corrections", f"is not valid YAML{where}") from exc
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise InvalidInput("corrections", "must be a list")
    return [_read_one(row, f"corrections[{number}]") for number, row in enumerate(rows)]


def _read_one(row: Any, path: str) -> Correction:
    if not isinstance(row, dict):
        raise InvalidInput(path, "must have the fields " + ", ".join(_FIELDS))
    for name in _FIELDS:
        if name not in row:
            raise InvalidInput(f"{path}.{name}", "is required")
    for name in row:
        if name not in _FIELDS:
            raise InvalidInput(f"{path}.{name}", "is unknown")
    for name in ("id", "answer"):
        if not isinstance(row[name], str):
            raise InvalidInput(f"{path}.{name}", "must be a text")
    for name in ("patterns", "sources"):
        if not isinstance(row[name], list) or not all(isinstance(value, str) for value in row[name]):
            raise InvalidInput(f"{path}.{name}", "must be a list of texts")
    verified = row["last_verified"]
    if not isinstance(verified, date) or isinstance(verified, datetime):
        raise InvalidInput(f"{path}.last_verified", "must be a date, such as 2026-03-01")
    return Correction(
        id=row["id"],
        patterns=tuple(row["patterns"]),
        answer=row["answer"],
        sources=tuple(row["sources"]),
        last_verified=verified,
    )


def _without_customer(text: str, sample: Sample) -> str:
    """The text without the customer's name and address, because the answer is used for other customers."""
    names = [name for name in re.split(r"[\s,]+", sample.customer_name or "") if len(name) > 1]
    for known in (sample.customer_email, sample.customer_name, *names):
        if known:
            # blanks are matched from the first of them only, so that a text of blanks is read once
            text = re.sub(rf"(?<![ \t])[ \t]*(?<!\w){re.escape(known)}(?!\w)", "", text, flags=re.IGNORECASE)
    return text
