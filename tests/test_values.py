"""Values compare and hash by their fields, and mypy refuses a change of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from services.values import value

CHANGE = """
from services.values import value

@value
class Point:
    x: int

Point(x=1).x = 2
"""


@value
class Pair:
    left: int
    right: str = "none"


def test_values_with_equal_fields_are_equal_and_have_one_hash() -> None:
    assert Pair(left=1) == Pair(left=1, right="none") != Pair(left=2)
    assert len({Pair(left=1), Pair(left=1), Pair(left=2)}) == 2
    assert not hasattr(Pair(left=1), "__dict__")


@pytest.mark.slow
def test_mypy_refuses_to_change_a_field(tmp_path: Path) -> None:
    (tmp_path / "change.py").write_text(CHANGE)
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "", str(tmp_path / "change.py")],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert 'Property "x" defined in "Point" is read-only' in checked.stdout
