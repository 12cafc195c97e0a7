"""When are quiet hours, and until when? Windows are in local time, also on days on which the clock changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60

MAX_SPANS = 64
"""A search stops after this many consecutive spans: otherwise some settings would make it slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window of quiet hours, which belongs to the day on which it starts."""

    days: frozenset[int] = frozenset(range(7))
    """The days of the week on which the window starts; Monday is 0."""
    start: int
    """Minutes after local midnight, 0–1440."""
    end: int
    """Minutes after local midnight, 0–1440. An end that is not after `start` is on the next day."""


ALL_DAY = Window(start=0, end=MINUTES_A_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When a tenant allows no calls."""

    zone: ZoneInfo
    windows: tuple[Window, ...] = ()
    holidays: frozenset[date] = frozenset()
    """Days that are quiet from midnight to midnight, local time."""


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """The end (UTC) of the quiet hours that contain `now`; None if `now` is not quiet.

    The start and end of a window are local times. If a clock change skips such a time, the time of the change is used.
    If a time occurs twice, a window starts at the first and ends at the second occurrence. After `MAX_SPANS`
    consecutive spans the search stops and returns the end of the last one; the envelope is judged again then.
    """
    moment = begin = now.astimezone(UTC)
    for _ in range(MAX_SPANS):
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
    return all(this or next_week for this, next_week in zip(covered[:week], covered[week:], strict=True))


def _covered_until(quiet: QuietHours, moment: datetime) -> datetime | None:
    """The latest end of the spans that cover `moment`. Tomorrow's spans are checked too: a clock change may cross
    midnight."""
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
    """The start and end of each span of quiet hours that belongs to `day`."""
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
    """The moment (UTC) at which clocks in `zone` show the local time `wall`. If they show it twice, `fold` 0 means the
    first time and 1 the second. If a clock change skips it, the moment of the change."""
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    skipped = moment.astimezone(zone).replace(tzinfo=None) != wall
    return _end_of_gap(wall, zone) if skipped else moment


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The time of the clock change that skips `wall`. Python reads a skipped time with fold 1 as a time before the
    change, and with fold 0 as a time after it."""
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
