"""Questions that could not be answered are counted by what they ask."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from control_plane.apps.drafts.learning.gaps import Gap, find_gaps
from control_plane.apps.drafts.store.samples import Abstention

START = datetime(2026, 3, 1, tzinfo=UTC)
NORWAY, STUDENT, OTHER = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def asked(number: int, question: str) -> Abstention:
    return Abstention(
        id=UUID(int=number), conversation_id=UUID(int=100 + number), reason="unknown", question=question,
        created_at=START + timedelta(hours=number),
    )  # fmt: skip


QUESTIONS = [
    (asked(1, "Do you ship to Norway?"), NORWAY),
    (asked(2, "Discount for\n students?"), STUDENT),
    (asked(3, "Delivery to Norway " + "x" * 300), (0.8, 0.0, 0.6)),
    (asked(4, "Norway?"), (0.96, 0.28, 0.0)),
    (asked(5, "Where is it?"), OTHER),
]


def test_similar_questions_are_one_gap_and_the_largest_comes_first() -> None:
    gaps = find_gaps([each for each, _ in QUESTIONS], np.array([row for _, row in QUESTIONS], np.float32))
    assert gaps == [
        Gap(
            question="Do you ship to Norway?", count=3, first_at=QUESTIONS[0][0].created_at,
            last_at=QUESTIONS[3][0].created_at, examples=("Norway?", "Delivery to Norway " + "x" * 180 + "…"),
            conversation_ids=(UUID(int=104), UUID(int=103), UUID(int=101)),
        ),
        Gap(
            question="Discount for students?", count=1, first_at=QUESTIONS[1][0].created_at,
            last_at=QUESTIONS[1][0].created_at, examples=(), conversation_ids=(UUID(int=102),),
        ),
        Gap(
            question="Where is it?", count=1, first_at=QUESTIONS[4][0].created_at,
            last_at=QUESTIONS[4][0].created_at, examples=(), conversation_ids=(UUID(int=105),),
        ),
    ]  # fmt: skip


def test_the_order_in_which_questions_are_read_does_not_matter() -> None:
    shuffled = [QUESTIONS[place] for place in (3, 0, 4, 2, 1)]
    in_order, mixed = (
        find_gaps([each for each, _ in rows], np.array([row for _, row in rows], np.float32))
        for rows in (QUESTIONS, shuffled)
    )
    assert mixed == in_order


def test_questions_without_words_are_no_gap_of_others() -> None:
    rows = np.array([NORWAY, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)], np.float32)
    gaps = find_gaps([asked(1, "Norway"), asked(2, "?"), asked(3, "!")], rows)
    assert [(gap.question, gap.count) for gap in gaps] == [("Norway", 1), ("?", 1), ("!", 1)]


def test_nothing_asked_is_no_gap() -> None:
    assert find_gaps([], np.empty((0, 3), np.float32)) == []
