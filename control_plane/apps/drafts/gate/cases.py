"""Measure a drafter by the demands of goldens and by the replies that people sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

from control_plane.apps.drafts.drafter import Abstained, DraftedReply, DraftRequest
from control_plane.apps.drafts.learning.edits import shown

NEARER_BY = 0.05
"""A reply is better or worse than another one if its similarity differs by more than this."""
MAX_LISTED = 50
"""The most cases listed as worse. All worse cases are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A conversation to be drafted again. A golden has demands; a past reply has the text that a person sent."""

    id: str
    kind: Literal["golden", "reply"]
    request: DraftRequest
    must_include: tuple[str, ...] = ()
    must_cite: tuple[str, ...] = ()
    sent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one drafter did in one case. `similarity` to the sent text is from 0 to 1, for past replies only."""

    problems: tuple[str, ...]
    similarity: float | None = None

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A candidate compared with a baseline, over the cases that both have."""

    cases: int
    passed: int
    baseline_passed: int
    worse: tuple[tuple[str, tuple[str, ...]], ...]
    """The ids of the cases that became worse, with the problems."""
    better: int
    lost_goldens: int

    @property
    def is_worse(self) -> bool:
        """Whether the candidate must not replace the baseline: it fails a golden (a case that people verified) and the
        baseline does not, or more cases became worse than better."""
        return self.lost_goldens > 0 or len(self.worse) > self.better


def judge(case: Case, drafted: DraftedReply | Abstained) -> Result:
    """The problems of a draft and, for a past reply, its similarity. White space makes no difference. For what a golden
    demands, upper and lower case make none either."""
    if isinstance(drafted, Abstained):
        return Result(problems=("no draft",), similarity=0.0 if case.kind == "reply" else None)
    if case.kind == "reply":
        return Result(problems=(), similarity=Levenshtein.normalized_similarity(shown(case.sent), shown(drafted.text)))
    text, cited = shown(drafted.text).casefold(), {source.url for source in drafted.sources}
    missing = [f"does not include {part!r}" for part in case.must_include if shown(part).casefold() not in text]
    uncited = [f"does not cite {url}" for url in case.must_cite if url not in cited]
    return Result(problems=(*missing, *uncited))


def compare(cases: Mapping[str, Case], baseline: Mapping[str, Result], candidate: Mapping[str, Result]) -> Comparison:
    """Compare the results of the candidate with the results of the baseline. Both are keyed by the id of the case."""
    both = [key for key in cases if key in baseline and key in candidate]
    worse = [key for key in both if _is_better(baseline[key], candidate[key])]
    return Comparison(
        cases=len(both),
        passed=sum(candidate[key].passed for key in both),
        baseline_passed=sum(baseline[key].passed for key in both),
        worse=tuple((key, candidate[key].problems or ("differs more from the reply that was sent",)) for key in worse),
        better=sum(_is_better(candidate[key], baseline[key]) for key in both),
        lost_goldens=sum(cases[key].kind == "golden" for key in worse),
    )


def _is_better(one: Result, other: Result) -> bool:
    if one.passed != other.passed:
        return one.passed
    return one.similarity is not None and one.similarity - (other.similarity or 0.0) > NEARER_BY
