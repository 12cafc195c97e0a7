"""Two documents side by side."""

import pytest

from control_plane.console.show import diff_lines


def test_an_edit_far_from_another_leaves_the_lines_between_as_they_are() -> None:
    before = [{"name": number, "rules": {"type": "object"}} for number in range(300)]
    after = [*before[:3], {"name": -1, "rules": {"type": "object"}}, *before[4:290], *before[291:]]
    assert [(kind, old.strip(), new.strip()) for kind, old, new in diff_lines(before, after) if kind != "same"] == [
        ("changed", '"name": 3,', '"name": -1,'),
        ("removed", '"name": 290,', ""),
        ("removed", '"rules": {', ""),
        ("removed", '"type": "object"', ""),
        ("removed", "}", ""),
        ("removed", "},", ""),
        ("removed", "{", ""),
    ]


@pytest.mark.parametrize("after", [[1, 0, 0] * 600, [0, *range(900)]])
def test_lines_that_come_again_and_again_are_compared_in_their_order(after: list[int]) -> None:
    """Searching each of them everywhere in the other document takes a minute."""
    before = [0, 1] * 900 if after[0] else [0] * 901
    kinds = [kind for kind, _, _ in diff_lines(before, after)]
    expected = ["same" if old == new else "changed" for old, new in zip(before, after, strict=True)]
    assert kinds[1:-2] == expected[:-1]
