"""Latency classes: a histogram of times that can be added up and needs little room. Pure.

Class c holds the times from 2^(c/4) to 2^((c+1)/4) milliseconds; class 0 also shorter ones. A quantile that is read
from classes is wrong by at most 9 %.
"""

import math
from collections.abc import Mapping
from datetime import timedelta

PER_DOUBLING = 4


def latency_class(latency: timedelta) -> int:
    """The class of a latency, as `db/functions/worker_api/count_ends.sql` computes it."""
    milliseconds = max(latency.total_seconds() * 1000, 1.0)
    return math.floor(PER_DOUBLING * math.log(milliseconds) / math.log(2))


def quantile_seconds(classes: Mapping[int, int], share: float) -> float | None:
    """The time that this share of the counted calls does not exceed; None without calls."""
    left = share * sum(classes.values())
    for number, count in sorted(classes.items()):
        left -= count
        if left <= 0:
            return float(2 ** ((number + 0.5) / PER_DOUBLING) / 1000)
    return None
