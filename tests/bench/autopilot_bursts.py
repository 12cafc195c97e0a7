"""How many planted bursts are found within a quarter of an hour, and how many bursts are found where none is?

Each seed has a help desk with 5 to 500 tickets a day, six weeks to learn from and 30 days to watch. Its days differ by
15 %, one is a holiday with a fifth of the tickets, and the day after it has 1.7 times as many. A planted burst has 15
tickets more in a quarter of an hour, and three times the usual number.
"""

import numpy as np
from numpy.typing import NDArray

from control_plane.apps.autopilot.insight.bursts import DAY, HOUR, WEEK, find_burst
from tests.bench.runner import Figure, Lab
from tests.control_plane.apps.autopilot.insight.arrivals import usual_rates

SEEDS = 100
LEARNED_WEEKS = 6
WATCHED = 30 * DAY
WITHIN = 3
"""Buckets of five minutes."""


async def measure(lab: Lab) -> list[Figure]:
    """The share that is found, and the false alarms of a help desk in 30 days. Not a question of speed: one round."""
    seeds = range(lab.sized(SEEDS))
    found = [_is_found(seed) for seed in seeds]
    false = [_false_alarms(seed) for seed in seeds]
    lab.say(f"  {sum(found)} of {len(found)} found, {sum(false)} false alarms in {len(false)} months")
    return [
        Figure.of("autopilot_bursts/found", "share", [sum(found) / len(found)], "95 %", [0.95], at_least=1),
        Figure.of("autopilot_bursts/false alarms", "in 30 days", [sum(false) / len(false)], "1", [1], at_most=1),
    ]


def _rates(rng: np.random.Generator) -> NDArray[np.float64]:
    per_day = float(np.exp(rng.uniform(np.log(5), np.log(500))))
    rates = usual_rates(per_day=per_day, weeks=LEARNED_WEEKS + WATCHED // WEEK + 1)
    days = rng.gamma(1 / 0.15**2, 0.15**2, size=len(rates) // DAY)
    holiday = rng.integers(LEARNED_WEEKS * 7, LEARNED_WEEKS * 7 + 28)
    days[holiday] *= 0.2
    days[holiday + 1] *= 1.7
    return rates * np.repeat(days, DAY)


def _is_found(seed: int) -> bool:
    rng = np.random.default_rng(seed)
    rates = _rates(rng)
    counts = rng.poisson(rates)
    start = int(rng.integers(LEARNED_WEEKS * WEEK, LEARNED_WEEKS * WEEK + WATCHED - HOUR))
    during = slice(start, start + HOUR)
    counts[during] += rng.poisson(15 / 3 + 2 * rates[during])
    return any(find_burst(counts[:end]) for end in range(start + 1, start + WITHIN + 1))


def _false_alarms(seed: int) -> int:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(_rates(rng))
    start = LEARNED_WEEKS * WEEK
    alarms = [find_burst(counts[:end]) is not None for end in range(start, start + WATCHED)]
    return sum(now and not before for before, now in zip([False, *alarms], alarms, strict=False))
