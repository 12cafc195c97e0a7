"""The operations of an edit turn the draft into the final text again, and tell how much a person changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.apps.drafts.learning.edits import MAX_DOCUMENT, describe_edit, is_unedited, replay
from services.errors import InvalidInput

TEXTS = st.text(st.sampled_from("ab \r\n\u0301\u0308é👩\u200d🚀\U0001f3fd日本ß") | st.characters(), max_size=60)
"""Combining marks, an emoji of several code points, line ends, and any other character."""


@given(TEXTS, TEXTS)
def test_the_stored_operations_replay_to_exactly_the_final_text(draft: str, final: str) -> None:
    edit = describe_edit(draft, final)
    assert replay(draft, json.loads(json.dumps(edit))) == final
    assert 0 <= edit["distance"] <= edit["length"]
    assert (edit["distance"] == 0) == is_unedited(draft, final)


@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=8))
def test_operations_are_ordered_and_keep_apart(draft: list[str], final: list[str]) -> None:
    operations = describe_edit("\n".join(draft), "\n".join(final))["operations"]
    ends = [0]
    for operation in operations:
        assert operation["start"] >= ends[-1]
        assert operation["start"] < operation["end"] or operation["text"]
        ends.append(operation["end"])


def test_an_edit_names_what_changed_in_code_points() -> None:
    edit = describe_edit("👍 You have 30 days to return it.", "👍 You have 14 days to return it. Thank you!")
    assert edit == {
        "operations": [{"start": 11, "end": 13, "text": "14"}, {"start": 32, "end": 32, "text": " Thank you!"}],
        "distance": 13,
        "length": 43,
    }


@pytest.mark.parametrize(
    ("draft", "final"),
    [("Hello\r\nyou", "Hello\nyou "), ("a long line", "a long\nline"), ("cafe\u0301", "café"), ("", " \n")],
)
def test_a_difference_in_white_space_or_composition_is_no_edit_but_is_replayed(draft: str, final: str) -> None:
    edit = describe_edit(draft, final)
    assert (edit["distance"], is_unedited(draft, final), replay(draft, edit)) == (0, True, final)


def test_an_edit_with_too_many_small_changes_is_one_replacement() -> None:
    draft, final = "abcdefgh" * 3_000, "abcdefgX" * 3_000
    edit = describe_edit(draft, final)
    assert edit["operations"] == [{"start": 7, "end": 24_000, "text": final[7:]}]
    assert (edit["distance"], replay(draft, edit)) == (3_000, final)


def test_an_edit_larger_than_the_document_is_refused() -> None:
    with pytest.raises(InvalidInput, match=f"^final_text: the edit takes 7[0-9]{{4}} bytes; at most {MAX_DOCUMENT}$"):
        describe_edit("", "ü" * 35_000)


def test_texts_too_long_for_a_comparison_of_code_points_are_compared_by_lines() -> None:
    lines = [f"line {number} of a very long text" for number in range(20_000)]
    draft = "\n".join(lines)
    lines[3], lines[19_990], lines[19_999] = "first change", "next change", "last change"
    edit = describe_edit(draft, "\n".join(lines))
    texts = [operation["text"] for operation in edit["operations"]]
    assert texts == ["first change\n", "next change\n", "last change"]
    assert replay(draft, edit) == "\n".join(lines)


@pytest.mark.parametrize("operations", [[(2, 1, "")], [(0, 9, "")], [(1, 2, ""), (0, 1, "")], [(-1, 0, "")]])
def test_operations_that_do_not_fit_the_draft_are_refused(operations: list[tuple[int, int, str]]) -> None:
    document = {"operations": [{"start": start, "end": end, "text": text} for start, end, text in operations]}
    with pytest.raises(InvalidInput, match=r"^diff_json.operations: no code points"):
        replay("abc", document)
