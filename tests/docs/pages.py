"""Read our documentation pages: fenced blocks, tables, headings and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>[^>]+) -->\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    not_run: str | None
    """The reason why tests do not run it, from a comment `<!-- not run: … -->` directly above it."""


def pages() -> list[Path]:
    """README and everything under docs/, as Markdown."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def name(page: Path) -> str:
    """A page's path in the checkout."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    """The page's fenced blocks in these languages, from the top."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        if found[1] in languages:
            before = text[: found.start()]
            marker = _NOT_RUN.search(before)
            yield Block(
                page=name(page),
                line=before.count("\n") + 1,
                language=found[1],
                text=found[2],
                not_run=marker["why"] if marker else None,
            )


def table(page: Path, heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table under a heading, without its head; code marks are taken off."""
    return _rows(section(page, heading))


def rows(page: Path) -> list[tuple[str, ...]]:
    """The rows of the first table of the page, in the same form."""
    return _rows(page.read_text(encoding="utf-8"))


def _rows(text: str) -> list[tuple[str, ...]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    start = next((at for at, line in enumerate(lines) if re.fullmatch(r"[|\s:-]+", line)), None)
    assert start is not None, "there is no table"
    length = len(_cells(lines[start]))
    found = []
    for line in lines[start + 1 :]:
        if len(_cells(line)) != length:
            break
        found.append(_cells(line))
    return found


def section(page: Path, heading: str) -> str:
    """The text under a heading, until the next heading of the same or a higher level."""
    text = _without_fences(page.read_text(encoding="utf-8"))
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,6}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{name(page)} has no heading {heading!r}"
    return found[2]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub derives from the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _without_fences(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Every link's target."""
    text = re.sub(r"`[^`]*`", "", _without_fences(page.read_text(encoding="utf-8")))
    return re.findall(r"\]\(([^)\s]+)\)", text)


def _cells(line: str) -> tuple[str, ...]:
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return tuple(part.strip().replace("\\|", "|").replace("`", "") for part in parts)


def _without_fences(text: str) -> str:
    return _FENCE.sub("", text)
