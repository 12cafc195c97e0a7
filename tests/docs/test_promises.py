"""docs/promises.md names tests that exist, and says how many cases each of them has."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.conftest import COLLECTED
from tests.docs.pages import DOCS, ROOT

PROMISES = DOCS / "promises.md"
_ROW = re.compile(r"^\|.*\| (?P<cases>[0-9,]+)(?: \+ [^|]+)? \|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<file>tests/[a-z0-9_/]+\.py)(?:::(?P<test>test_[a-z0-9_]+))?`")


def promised() -> Iterator[tuple[str, int]]:
    """The tests of each row, joined by spaces, and its number of cases."""
    for row in _ROW.finditer(PROMISES.read_text(encoding="utf-8")):
        tests = [found[1] + (f"::{found[2]}" if found[2] else "") for found in _TEST.finditer(row[0])]
        yield " ".join(tests), int(row["cases"].replace(",", ""))


@pytest.fixture(scope="module")
def collected(pytestconfig: pytest.Config) -> Counter[str]:
    """How many cases pytest finds for each test, and for each file, of this page."""
    found: Counter[str] = Counter()
    for node_id in _all_tests(pytestconfig):
        file, separator, test = node_id.partition("::")
        if separator:
            found[file] += 1
            found[f"{file}::{test.partition('[')[0]}"] += 1
    return found


def _all_tests(config: pytest.Config) -> list[str]:
    """The ids of at least all tests of the page; collected again if this run is of some files only."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        return config.stash[COLLECTED]
    files = sorted({test.partition("::")[0] for tests, _ in promised() for test in tests.split()})
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *files],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return listing.stdout.splitlines()


def test_every_row_names_tests_that_exist_and_counts_their_cases(collected: Counter[str]) -> None:
    rows = list(promised())
    assert rows
    assert {tests: sum(collected[test] for test in tests.split()) for tests, _ in rows} == dict(rows)
