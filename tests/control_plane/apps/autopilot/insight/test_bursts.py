"""A burst is more tickets than the same time of other weeks explains."""

from datetime import timedelta

import numpy as np
import pytest

from control_plane.apps.autopilot.insight.bursts import DAY, HOUR, WEEK, find_burst
from tests.control_plane.apps.autopilot.insight.arrivals import usual_rates

NOON = 12 * HOUR


def quiet_weeks(count: int = 6) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Weeks with one ticket an hour by day, from Monday to Friday, and none at other times."""
    day = np.zeros(DAY, dtype=np.int64)
    day[9 * HOUR : 17 * HOUR : HOUR] = 1
    return np.tile(np.concatenate([np.tile(day, 5), np.zeros(2 * DAY, dtype=np.int64)]), count)


def test_many_tickets_within_minutes_are_a_burst() -> None:
    counts = np.append(quiet_weeks(), [0, 4, 6])
    burst = find_burst(counts)
    assert burst is not None
    assert (burst.window, burst.tickets) == (timedelta(minutes=10), 10)
    assert burst.expected < 0.2
    assert burst.probability < 1e-6


def test_a_few_tickets_at_night_are_no_burst() -> None:
    assert find_burst(np.append(quiet_weeks(), [0, 2, 3])) is None


def test_the_same_number_is_usual_at_its_time_of_the_week_and_a_burst_at_another() -> None:
    weeks = quiet_weeks()
    weeks[NOON::WEEK] = 20  # each Monday at noon
    monday = np.append(weeks, weeks[: NOON + 1])
    tuesday = np.append(weeks, weeks[: NOON + DAY + 1])
    tuesday[-1] = 20
    assert find_burst(monday) is None
    assert find_burst(tuesday) is not None


def test_a_burst_of_one_earlier_week_does_not_hide_todays() -> None:
    weeks = quiet_weeks()
    weeks[5 * WEEK : 5 * WEEK + HOUR] = 10
    assert find_burst(np.append(weeks, [0, 5, 6])) is not None


def test_a_busy_day_after_a_holiday_is_no_burst() -> None:
    rates = usual_rates(per_day=200, weeks=7)
    rates[-WEEK:] = 0  # closed for a week
    today = usual_rates(per_day=300, weeks=1)[: 14 * HOUR]
    counts = np.random.default_rng(3).poisson(np.append(rates, today))
    assert [end for end in range(9 * HOUR, 14 * HOUR, 3) if find_burst(counts[: 7 * WEEK + end])] == []


def test_the_more_clusters_are_tested_the_less_likely_a_burst_must_be() -> None:
    counts = np.append(quiet_weeks(), [0, 3, 4])
    burst = find_burst(counts)
    assert burst is not None
    assert find_burst(counts, clusters=int(2e-6 / burst.probability)) is None


@pytest.mark.parametrize("known", [0, 1, 2 * WEEK - 1])
def test_without_two_weeks_nothing_is_usual_yet(known: int) -> None:
    counts = np.zeros(known, dtype=np.int64)
    counts[-3:] = 50
    assert find_burst(counts) is None
