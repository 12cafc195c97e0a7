"""What can be found in an audit log, collected so that a thousand neighbours with one fate are one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

MOST_PROBLEMS = 100
"""Per tenant; further ones are counted."""


class Kind(StrEnum):
    """What was done to the log."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    HEAD = "head"
    ANCHOR = "anchor"
    UNVERIFIABLE = "unverifiable"
    """Nothing is known of it: its rows, from some on, could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that was done to a row, or to neighbours."""

    kind: Kind
    first: int | None
    """The first row's seq; None where there is no seq to name."""
    last: int | None
    text: str

    def __str__(self) -> str:
        if self.first is None:
            return f"{self.kind}: {self.text}"
        rows = f"row {self.first}" if self.first == self.last else f"rows {self.first} to {self.last}"
        return f"{self.kind}: {rows}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the rows of one tenant say."""

    tenant_id: UUID
    rows: int
    first: int
    """The first row's seq; 0 when there was none, as with `last`."""
    last: int
    hash: str
    """The last row's."""
    anchored: int | None
    """The seq of the newest anchor that the chain passes through."""
    problems: tuple[Problem, ...]
    more: int
    """How many further problems are not listed."""

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


class Problems:
    """Collects them by seq; neighbours with the same problem become one."""

    def __init__(self) -> None:
        self._runs: dict[tuple[Kind, str], list[tuple[int, int]]] = {}
        self._nowhere: dict[tuple[Kind, str], None] = {}
        self.more = 0

    def add(self, kind: Kind, text: str, first: int | None, last: int | None = None) -> None:
        """Note it for the rows from `first` to `last`, or for one, or for none that has a seq."""
        if first is None:
            self._nowhere[kind, text] = None
            return
        last = first if last is None else last
        runs = self._runs.setdefault((kind, text), [])
        if runs and runs[-1][1] + 1 == first:
            runs[-1] = (runs[-1][0], last)
        elif sum(map(len, self._runs.values())) < MOST_PROBLEMS:
            runs.append((first, last))
        else:
            self.more += 1

    def has(self, kind: Kind, seq: int) -> bool:
        """Whether this row is among those with a problem of this kind."""
        return any(first <= seq <= last for (of, _), runs in self._runs.items() if of is kind for first, last in runs)

    def take_back(self, kinds: Iterable[Kind], first: int, last: int) -> None:
        """What was noted for these rows is none after all."""
        for (kind, text), runs in self._runs.items():
            if kind in kinds:
                self._runs[kind, text] = [left for run in runs for left in _without(run, first, last)]

    def listed(self) -> tuple[Problem, ...]:
        """All of them, by seq."""
        found = [Problem(kind=kind, first=None, last=None, text=text) for kind, text in self._nowhere]
        for (kind, text), runs in self._runs.items():
            merged: list[tuple[int, int]] = []
            for first, last in sorted(runs):
                if merged and merged[-1][1] + 1 == first:
                    merged[-1] = (merged[-1][0], last)
                else:
                    merged.append((first, last))
            found += [Problem(kind=kind, first=first, last=last, text=text) for first, last in merged]
        return tuple(sorted(found, key=lambda problem: (problem.first or 0, problem.kind)))


def _without(run: tuple[int, int], first: int, last: int) -> list[tuple[int, int]]:
    pieces = [(run[0], min(run[1], first - 1)), (max(run[0], last + 1), run[1])]
    return [(start, end) for start, end in pieces if start <= end]
