"""Tickets of a help desk that is busy by day from Monday to Friday."""

import numpy as np
from numpy.typing import NDArray

from control_plane.apps.autopilot.insight.bursts import DAY, HOUR

HOURS = (0, 6, 9, 11, 13, 15, 18, 22, 24)
SHAPE_OF_A_DAY = (0.1, 0.15, 1.2, 1.5, 0.9, 1.3, 0.5, 0.2, 0.1)
WEEKDAYS = (1.25, 1, 1, 1, 1, 0.2, 0.2)


def usual_rates(*, per_day: float, weeks: int) -> NDArray[np.float64]:
    """How many tickets are expected in each five minutes, from a Monday on; `per_day` is the mean of all days."""
    day = np.interp(np.arange(24), HOURS, SHAPE_OF_A_DAY)
    week = np.concatenate([day * weekday for weekday in WEEKDAYS])
    return np.tile(np.repeat(week / week.mean() * per_day / DAY, HOUR), weeks)
