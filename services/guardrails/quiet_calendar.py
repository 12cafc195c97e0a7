"""When is it quiet, and until when? Wall-clock windows on the time line, through every change of the clocks."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60

MOST_SPANS = 64
"""Spans that may follow each other before the search stops: it must stay cheap, whatever a tenant wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One stretch of quiet, which belongs to the day it starts on."""

    days: frozenset[int] = frozenset(range(7))
    """Monday is 0."""
    start: int
    """Minutes after local midnight, 0–1440."""
    end: int
    """Likewise; on the next day unless after `start`."""


ALL_DAY = Window(start=0, end=MINUTES_A_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When a tenant wants nothing done."""

    zone: ZoneInfo
    windows: tuple[Window, ...] = ()
    holidays: frozenset[date] = frozenset()
    """Quiet from local midnight to local midnight."""


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """The first moment (UTC) from `now` on that no window and no holiday covers; None when `now` is not quiet.

    Bounds are wall-clock times. One that a clock change skips means the moment of that change; of one that comes twice
    a window starts with the first and ends with the second. After `MOST_SPANS` in a row the answer is where
    the search has come to: the envelope is asked about again there.
    """
    moment = begin = now.astimezone(UTC)
    for _ in range(MOST_SPANS):
        end = _covered_until(quiet, moment)
        if end is None:
            break
        moment = end
    return moment if moment > begin else None


def leaves_no_gap(windows: tuple[Window, ...]) -> bool:
    """Whether the windows cover every minute of an ordinary week."""
    week = 7 * MINUTES_A_DAY
    covered = bytearray(2 * week)
    for window in windows:
        length = (window.end - window.start) % MINUTES_A_DAY or MINUTES_A_DAY
        for day in window.days:
            start = day * MINUTES_A_DAY + window.start
            covered[start : start + length] = b"\1" * length
    return all(this or spilled for this, spilled in zip(covered[:week], covered[week:], strict=True))


def _covered_until(quiet: QuietHours, moment: datetime) -> datetime | None:
    """The latest end of the spans that cover `moment`. Clocks set back over midnight can reach into tomorrow's."""
    today = moment.astimezone(quiet.zone).date()
    return max(
        (
            end
            for day in (today - DAY, today, today + DAY)
            for start, end in _spans(quiet, day)
            if start <= moment < end
        ),
        default=None,
    )


@lru_cache(maxsize=4096)
def _spans(quiet: QuietHours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """What is quiet because of `day`, from and until."""
    windows = [window for window in quiet.windows if day.weekday() in window.days]
    if day in quiet.holidays:
        windows.append(ALL_DAY)
    return tuple(_span(window, day, quiet.zone) for window in windows)


def _span(window: Window, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time())
    next_day = timedelta() if window.end > window.start else DAY
    return (
        _moment(midnight + timedelta(minutes=window.start), zone, fold=0),
        _moment(midnight + next_day + timedelta(minutes=window.end), zone, fold=1),
    )


def _moment(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    """When the clocks of `zone` show `wall`: the first (`fold` 0) or last (1) time, or the end of the gap it is in."""
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    skipped = moment.astimezone(zone).replace(tzinfo=None) != wall
    return _end_of_gap(wall, zone) if skipped else moment


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment the clocks jumped over `wall`. There, fold 1 reads as a moment before the jump and fold 0 as after."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    new_offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after
