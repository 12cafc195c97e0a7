"""What people edit becomes corrections, and a file of corrections reads back as it was written."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from control_plane.apps.drafts.knowledge.patterns import check_patterns
from control_plane.apps.drafts.learning.corrections import (
    Correction,
    Sample,
    correction_from,
    patterns_for,
    question_of,
    read_corrections,
    write_corrections,
)
from services.errors import InvalidInput

STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
"""What PostgreSQL can store: no NUL and no lone surrogates."""
CORRECTIONS = st.builds(
    Correction, id=STORABLE, patterns=st.lists(STORABLE).map(tuple), answer=STORABLE,
    sources=st.lists(STORABLE).map(tuple), last_verified=st.dates(),
)  # fmt: skip
SAMPLE = Sample(
    id=UUID(int=7),
    draft_id=UUID(int=8),
    conversation_id=UUID(int=9),
    question="Hello, I am Maria Lopez (maria@example.com). How many days do I have to return the blue kettle?",
    draft="You have 30 days.",
    final="Hi Maria,\nYou have 14 days to return a kettle.",
    sources=("https://shop.example/returns",),
    topic="returns",
    customer_name="Maria Lopez",
    customer_email="maria@example.com",
    created_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
)


@given(st.lists(CORRECTIONS, max_size=3))
def test_a_written_file_reads_back_identically(corrections: list[Correction]) -> None:
    assert read_corrections(write_corrections(corrections)) == corrections


def test_a_file_is_a_list_of_the_five_fields() -> None:
    correction = Correction(
        id="a", patterns=("(?i)refund",), answer="Yes.\nOf course.", sources=("https://x",),
        last_verified=date(2026, 3, 1),
    )  # fmt: skip
    assert write_corrections([correction]) == (
        "- id: a\n  patterns:\n  - (?i)refund\n  answer: 'Yes.\n\n    Of course.'\n  sources:\n  - https://x\n"
        "  last_verified: 2026-03-01\n"
    )


def test_a_sample_teaches_the_answer_without_the_customer() -> None:
    assert correction_from(SAMPLE) == Correction(
        id="sample-00000000-0000-0000-0000-000000000007",
        patterns=(r"(?is)\A(?=.*\bdays\b)(?=.*\bhave\b)(?=.*\breturn\b)(?=.*\bkettle\b)",),
        answer="You have 14 days to return a kettle.",
        sources=("https://shop.example/returns",),
        last_verified=date(2026, 3, 1),
    )
    assert question_of(SAMPLE) == "Hello, I am (). How many days do I have to return the blue kettle?"


def test_a_hundred_thousand_blanks_are_read_once() -> None:
    """If they were read from each of them again, this would take hours."""
    blanks = " \t" * 50_000
    sample = replace(SAMPLE, question=f"A{blanks}?", final=f"For{blanks}Maria,{blanks}yes{blanks}no.")
    assert (question_of(sample), correction_from(sample).answer) == (
        f"A{blanks}"[:2000].strip(),
        f"For,{blanks}yes{blanks}no.",
    )


def test_a_name_inside_another_word_stays() -> None:
    sample = replace(SAMPLE, customer_name="An", final="An answer for An: analyse it.")
    assert correction_from(sample).answer == "answer for: analyse it."


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_pattern_matches_the_question_it_was_made_from(question: str, answer: str) -> None:
    for pattern in patterns_for(question, answer):
        assert regex.search(pattern, question, timeout=5)


def test_what_a_sample_teaches_may_be_approved() -> None:
    check_patterns(correction_from(SAMPLE).patterns)


@pytest.mark.parametrize("question", ["", "ok?", "kettle", "https://shop.example/kettle maria@example.com"])
def test_a_question_with_too_few_words_has_no_pattern(question: str) -> None:
    assert patterns_for(question, "") == ()


GOOD = {"id": "a", "patterns": [], "answer": "b", "sources": [], "last_verified": "2026-03-01"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "1"}, "corrections[0].id: must be a text"),
        ({"patterns": "x"}, "corrections[0].patterns: must be a list of texts"),
        ({"sources": "[1]"}, "corrections[0].sources: must be a list of texts"),
        ({"last_verified": "yesterday"}, "corrections[0].last_verified: must be a date, such as 2026-03-01"),
        ({"extra": "1"}, "corrections[0].extra: is unknown"),
        ({"answer": None}, "corrections[0].answer: is required"),
    ],
)
def test_a_wrong_entry_is_named(change: dict[str, str | None], problem: str) -> None:
    fields = {key: value for key, value in (GOOD | change).items() if value is not None}
    text = "- " + "\n  ".join(f"{key}: {value}" for key, value in fields.items())
    with pytest.raises(InvalidInput) as caught:
        read_corrections(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "corrections: is not valid YAML at line"),
        ("a: 1", "corrections: must be a list"),
        ("- !!python/object/apply:os.system [true]", "corrections: is not valid YAML at line 1"),
        ("[" * 10_000, "corrections: is not valid YAML"),
        ("- 1", "corrections[0]: must have the fields id, patterns, answer, sources, last_verified"),
    ],
)
def test_a_file_that_is_no_list_of_corrections_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_corrections(text)
    assert str(caught.value).startswith(problem)


def test_an_empty_file_has_no_corrections() -> None:
    assert read_corrections("") == read_corrections(write_corrections([])) == []
