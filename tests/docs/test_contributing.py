"""The files and commands that CONTRIBUTING.md names exist."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links

PAGES = sorted((ROOT / ".github").glob("*.md"))


def _id(page: Path) -> str:
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_named_path_exists(page: Path) -> None:
    named = re.findall(r"`([\w.-]*(?:/[\w.-]+)+|[\w-]+\.\w+)`", page.read_text(encoding="utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_link_has_a_target(page: Path) -> None:
    for link in links(page):
        target, _, anchor = link.partition("#")
        found = page.parent / target
        assert found.exists(), link
        assert not anchor or anchor in anchors(found), link


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_named_target_is_in_the_makefile(page: Path) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`make ([\w-]+)`", page.read_text(encoding="utf-8"))) <= set(targets)


def test_there_are_pages_for_contributing_and_for_reporting_vulnerabilities() -> None:
    assert {page.name for page in PAGES} == {"CONTRIBUTING.md", "SECURITY.md"}
