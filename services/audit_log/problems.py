"""The problems of an audit log. Neighbouring rows with the same problem are one problem."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MAX_PROBLEMS = 100
"""How many problems of a tenant are listed; the others are counted."""


class ProblemKind(StrEnum):
    """How the log was changed."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    HEAD = "head"
    ANCHOR = "anchor"
    UNVERIFIABLE = "unverifiable"
    """Some rows could not be read, so later changes are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding of a verification: a change of one row, or of neighbouring rows."""

    kind: ProblemKind
    first: int | None
    """The first row's seq; None if no row is named."""
    last: int | None
    text: str

    def __str__(self) -> str:
        if self.first is None:
            return f"{self.kind}: {self.text}"
        rows = f"row {self.first}" if self.first == self.last else f"rows {self.first} to {self.last}"
        return f"{self.kind}: {rows}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The result of the check of one tenant's rows."""

    tenant_id: UUID
    rows: int
    first: int
    """The first row's seq; 0 if there is no row, like `last`."""
    last: int
    hash: str
    """The last row's hash."""
    anchored: int | None
    """The seq of the newest anchor that matches the chain."""
    problems: tuple[Problem, ...]
    unlisted: int
    """How many further problems there are."""

    @property
    def intact(self) -> bool:
        """Whether there are no problems."""
        return not self.problems


class Problems:
    """Collects problems by seq; the same problem of neighbouring rows becomes one problem."""

    def __init__(self) -> None:
        self._ranges: dict[tuple[ProblemKind, str], list[tuple[int, int]]] = {}
        self._without_seq: dict[tuple[ProblemKind, str], None] = {}
        self.unlisted = 0

    def add(self, kind: ProblemKind, text: str, first: int | None, last: int | None = None) -> None:
        """Add a problem of the rows from `first` to `last`, of row `first` (`last` None), or of no row (both None)."""
        if first is None:
            self._without_seq[kind, text] = None
            return
        last = first if last is None else last
        ranges = self._ranges.setdefault((kind, text), [])
        if ranges and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        elif sum(map(len, self._ranges.values())) < MAX_PROBLEMS:
            ranges.append((first, last))
        else:
            self.unlisted += 1

    def has(self, kind: ProblemKind, seq: int) -> bool:
        """Whether this row has a problem of this kind."""
        return any(
            first <= seq <= last
            for (listed_kind, _), ranges in self._ranges.items()
            if listed_kind is kind
            for first, last in ranges
        )

    def remove(self, kinds: Iterable[ProblemKind], first: int, last: int) -> None:
        """Remove the problems of these kinds from these rows."""
        for (kind, text), ranges in self._ranges.items():
            if kind in kinds:
                self._ranges[kind, text] = [rest for range_ in ranges for rest in _subtract(range_, first, last)]

    def merged(self) -> tuple[Problem, ...]:
        """All problems, sorted by seq."""
        problems = [Problem(kind=kind, first=None, last=None, text=text) for kind, text in self._without_seq]
        for (kind, text), ranges in self._ranges.items():
            merged: list[tuple[int, int]] = []
            for first, last in sorted(ranges):
                if merged and merged[-1][1] + 1 == first:
                    merged[-1] = (merged[-1][0], last)
                else:
                    merged.append((first, last))
            problems += [Problem(kind=kind, first=first, last=last, text=text) for first, last in merged]
        return tuple(sorted(problems, key=lambda problem: (problem.first or 0, problem.kind)))


def _subtract(range_: tuple[int, int], first: int, last: int) -> list[tuple[int, int]]:
    pieces = [(range_[0], min(range_[1], first - 1)), (max(range_[0], last + 1), range_[1])]
    return [(start, end) for start, end in pieces if start <= end]
