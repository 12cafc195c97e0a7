"""Find bursts: many more tickets than at the same time of other weeks, as when a system is down."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

BUCKET = timedelta(minutes=5)
"""The time of one bucket: tickets that are opened within it are counted together."""
WEEK = timedelta(weeks=1) // BUCKET
DAY = timedelta(days=1) // BUCKET
HOUR = timedelta(hours=1) // BUCKET
WINDOWS = tuple(timedelta(minutes=minutes) // BUCKET for minutes in (10, 15, 30, 60))
"""How many buckets are tested together. A short window finds a sharp burst early, a long one finds a slow burst."""
COMPARED_WEEKS = 5
"""How many earlier weeks a window is compared with, at most."""
NEARBY = timedelta(minutes=45) // BUCKET
"""Buckets before and after a window that also count as its time of the week."""
PRIOR = timedelta(hours=3) / BUCKET
"""The weight of the mean rate of all weeks in the estimate, as a number of buckets of the same time of the week."""
MAX_SHAPE = 20.0
"""The estimated rate is taken to vary by at least 1 / sqrt(20) = 22 %, because days differ by chance. Without this
limit, a cluster with many tickets would have a burst on each busy day."""
MAX_GROWTH = 3.0
"""The last day may raise what is expected by up to this factor: the Monday after a holiday is busy, but not a burst."""
MIN_TICKETS = 6
"""Fewer tickets within a window are no burst."""
MAX_PROBABILITY = 1e-6
"""A burst is reported only if its probability, multiplied by the number of the tenant's clusters, is at most this. A
month has 8,640 buckets with four windows each."""


@dataclass(frozen=True, slots=True)
class Burst:
    """More tickets than chance explains."""

    window: timedelta
    """The tickets arrived within this time before the end of the counts."""
    tickets: int
    expected: float
    """How many tickets usually arrive within the window at this time of the week."""
    probability: float
    """The probability of at least so many tickets by chance, from 0 to 1."""


def find_burst(counts: "Counts", *, clusters: int = 1) -> Burst | None:
    """The least likely burst that ends now. None if there is none, or fewer than two weeks are known.

    `counts` has the number of tickets for each bucket, oldest first. The last bucket ends now. Only the newest six
    weeks are used. With more clusters, one of them is unusual by chance more often, so each burst must be less likely.
    """
    counts = counts[-(COMPARED_WEEKS + 1) * WEEK :]
    if len(counts) < 2 * WEEK:
        return None
    growth = _growth(counts)
    found = [burst for window in WINDOWS if (burst := _burst_in(counts, window, growth))]
    least = min(found, key=lambda burst: burst.probability, default=None)
    return least if least and least.probability * clusters <= MAX_PROBABILITY else None


def _burst_in(counts: "Counts", window: int, growth: float) -> Burst | None:
    tickets = int(counts[-window:].sum())
    if tickets < MIN_TICKETS:
        return None
    spans = _same_time_of_other_weeks(counts, len(counts) - window, len(counts))
    rate, shape = _usual_rate(counts, spans)
    expected = rate * window * growth
    if tickets <= expected or _comes_weekly(spans, window, tickets):
        return None
    return Burst(BUCKET * window, tickets, expected, _probability_of(tickets, expected, min(shape, MAX_SHAPE)))


def _same_time_of_other_weeks(counts: "Counts", start: int, end: int) -> list["Counts"]:
    """For each of the compared weeks, the counts of the buckets at the same time of the week."""
    return [
        counts[max(0, start - week * WEEK - NEARBY) : end - week * WEEK + NEARBY]
        for week in range(1, COMPARED_WEEKS + 1)
        if start >= week * WEEK
    ]


def _usual_rate(counts: "Counts", spans: list["Counts"]) -> tuple[float, float]:
    """The estimated tickets per bucket at this time of other weeks, and the shape of the gamma distribution of this
    rate.

    The prior is a gamma distribution with the mean rate of all weeks. If at least three weeks are known, the week with
    the most tickets is left out, because it may have had a burst itself.
    """
    spans = sorted(spans, key=lambda span: int(span.sum()))[: max(2, len(spans) - 1)]
    shape = float(counts.mean()) * PRIOR + float(sum(span.sum() for span in spans))
    return shape / (PRIOR + sum(len(span) for span in spans)), shape


def _comes_weekly(spans: list["Counts"], window: int, tickets: int) -> bool:
    """Whether two other weeks had as many tickets within as short a time, as when a weekly report opens tickets."""
    import numpy as np  # noqa: PLC0415  # only this job needs it

    peaks = sorted(int(np.convolve(span, np.ones(window, dtype=np.int64), "valid").max()) for span in spans)
    return len(peaks) > 1 and tickets <= peaks[-2]


def _growth(counts: "Counts") -> float:
    """By which factor the last day, without its last hour, was busier than the same time of other weeks: at least 1."""
    start, end = len(counts) - DAY, len(counts) - HOUR
    rate, _ = _usual_rate(counts, _same_time_of_other_weeks(counts, start, end))
    usual = 1 + rate * (end - start)
    return min(MAX_GROWTH, max(1.0, (1 + float(counts[start:end].sum())) / usual))


def _probability_of(tickets: int, expected: float, shape: float) -> float:
    """The probability of at least so many tickets, if their rate has a gamma distribution (negative binomial)."""
    from scipy.special import betainc  # noqa: PLC0415  # heavy, and only this job needs it

    return float(betainc(tickets, shape, expected / (shape + expected)))
