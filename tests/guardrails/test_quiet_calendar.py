"""Quiet windows around known clock changes, and compared with a simple computation minute by minute."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.guardrails.quiet_calendar import MAX_SPANS, QuietHours, Window, leaves_no_gap, quiet_until

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def quiet(zone: str, start: str, end: str, *holidays: date) -> QuietHours:
    window = Window(start=clock(start), end=clock(end))
    return QuietHours(zone=ZoneInfo(zone), windows=(window,), holidays=frozenset(holidays))


@pytest.mark.parametrize(
    ("zone", "start", "end", "first", "until"),
    [
        # Berlin, 29 March 2026: 02:00 jumps to 03:00 (01:00 UTC)
        ("Europe/Berlin", "22:00", "06:00", "2026-03-28T21:00", "2026-03-29T04:00"),
        ("Europe/Berlin", "01:00", "02:30", "2026-03-29T00:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "02:30", "04:00", "2026-03-29T01:00", "2026-03-29T02:00"),
        ("Europe/Berlin", "02:00", "03:30", "2026-03-29T01:00", "2026-03-29T01:30"),
        # Berlin, 25 October 2026: 03:00 falls back to 02:00 (01:00 UTC)
        ("Europe/Berlin", "22:00", "06:00", "2026-10-24T20:00", "2026-10-25T05:00"),
        ("Europe/Berlin", "01:00", "02:30", "2026-10-24T23:00", "2026-10-25T01:30"),
        ("Europe/Berlin", "02:30", "04:00", "2026-10-25T00:30", "2026-10-25T03:00"),
        ("Europe/Berlin", "02:15", "02:45", "2026-10-25T00:15", "2026-10-25T01:45"),
        ("Europe/Berlin", "01:00", "02:00", "2026-10-24T23:00", "2026-10-25T01:00"),
        ("Europe/Berlin", "03:00", "04:00", "2026-10-25T02:00", "2026-10-25T03:00"),
        # New York, 8 March 2026: 02:00 jumps to 03:00 (07:00 UTC); 1 November: 02:00 falls back to 01:00 (06:00 UTC)
        ("America/New_York", "22:00", "02:30", "2026-03-08T03:00", "2026-03-08T07:00"),
        ("America/New_York", "02:30", "05:00", "2026-03-08T07:00", "2026-03-08T09:00"),
        ("America/New_York", "01:30", "05:00", "2026-11-01T05:30", "2026-11-01T10:00"),
        ("America/New_York", "22:00", "01:30", "2026-11-01T02:00", "2026-11-01T06:30"),
        # Lord Howe moves by half an hour: 5 April 2026, 02:00 falls back to 01:30 (4 April, 15:00 UTC)
        ("Australia/Lord_Howe", "01:00", "01:45", "2026-04-04T14:00", "2026-04-04T15:15"),
        ("Australia/Lord_Howe", "01:45", "03:00", "2026-04-04T14:45", "2026-04-04T16:30"),
        # and 4 October 2026: 02:00 jumps to 02:30 (3 October, 15:30 UTC)
        ("Australia/Lord_Howe", "01:00", "02:15", "2026-10-03T14:30", "2026-10-03T15:30"),
        ("Australia/Lord_Howe", "02:15", "03:00", "2026-10-03T15:30", "2026-10-03T16:00"),
        # Apia skipped 30 December 2011 altogether (10:00 UTC): two nights run into one
        ("Pacific/Apia", "22:00", "06:00", "2011-12-30T08:00", "2011-12-30T16:00"),
        ("Pacific/Apia", "10:00", "09:00", "2011-12-28T20:00", "2011-12-29T19:00"),
        ("Pacific/Apia", "10:00", "09:00", "2011-12-29T20:00", "2011-12-30T19:00"),
    ],
)
def test_a_window_around_a_clock_change(zone: str, start: str, end: str, first: str, until: str) -> None:
    hours = quiet(zone, start, end)
    begins, ends = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (first, until))
    assert quiet_until(hours, begins - timedelta(microseconds=1)) is None
    assert quiet_until(hours, begins) == ends
    assert quiet_until(hours, ends - timedelta(microseconds=1)) == ends
    assert quiet_until(hours, ends) is None


@pytest.mark.parametrize(
    ("zone", "start", "end", "change"),
    [
        ("Europe/Berlin", "02:15", "02:45", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Pacific/Apia", "09:00", "17:00", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_window_that_the_clocks_jump_over_is_empty(zone: str, start: str, end: str, change: datetime) -> None:
    hours = quiet(zone, start, end)
    assert [quiet_until(hours, change + minutes * MINUTE) for minutes in range(-60, 60)] == [None] * 120


def test_a_holiday_that_the_time_zone_skipped_is_not_quiet() -> None:
    hours = QuietHours(zone=ZoneInfo("Pacific/Apia"), holidays=frozenset({date(2011, 12, 30)}))
    change = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert quiet_until(hours, change - MINUTE) is None
    assert quiet_until(hours, change) is None


def test_a_holiday_begins_when_the_clocks_jump_over_its_midnight() -> None:
    hours = QuietHours(zone=ZoneInfo("America/Sao_Paulo"), holidays=frozenset({date(2018, 11, 4)}))
    begins = datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert quiet_until(hours, begins - MINUTE) is None
    assert quiet_until(hours, begins) == datetime(2018, 11, 5, 2, tzinfo=UTC)


def test_clocks_set_back_over_midnight_do_not_break_a_holiday() -> None:
    """St. John's, 29 October 2006: at 00:01 the clock was set back to 23:01 of the 28th.

    This hour belongs to the window of the 29th.
    """
    hours = QuietHours(zone=ZoneInfo("America/St_Johns"), holidays=frozenset({date(2006, 10, 29)}))
    assert quiet_until(hours, datetime(2006, 10, 29, 2, 45, tzinfo=UTC)) == datetime(2006, 10, 30, 3, 30, tzinfo=UTC)


def test_the_search_ends_however_long_the_holidays_last() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = QuietHours(zone=ZoneInfo("UTC"), holidays=frozenset(start.date() + n * DAY for n in range(1000)))
    assert quiet_until(hours, start) == start + MAX_SPANS * DAY


def test_the_search_ends_even_when_it_is_always_quiet() -> None:
    always = QuietHours(zone=ZoneInfo("UTC"), windows=(Window(start=0, end=1440),))
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert quiet_until(always, start) == start + MAX_SPANS * DAY - DAY / 2


ZONES = [
    "UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Havana",
    "America/Sao_Paulo", "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Asia/Gaza", "Australia/Lord_Howe",
    "Antarctica/Troll", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Chatham", "Pacific/Kiritimati",
]  # fmt: skip
INTERESTING = [
    date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 4),
    date(2011, 12, 30), date(2006, 10, 29), date(2006, 4, 2), date(2018, 11, 4), date(2018, 2, 18), date(1993, 8, 21),
    date(2026, 4, 24), date(2026, 10, 30), date(2026, 2, 15), date(2026, 3, 22),
]  # fmt: skip
MINUTES = st.integers(0, 1440) | st.integers(0, 24).map(lambda hour: hour * 60) | st.integers(0, 240)
WINDOWS = st.builds(
    Window, days=st.frozensets(st.integers(0, 6), min_size=1) | st.just(frozenset(range(7))), start=MINUTES, end=MINUTES
).filter(lambda window: (window.start - window.end) % 1440 != 0)
DAYS = st.sampled_from(INTERESTING) | st.dates(date(1990, 1, 1), date(2037, 1, 1))


@settings(max_examples=60)
@given(data=st.data(), zone=st.sampled_from(ZONES).map(ZoneInfo), around=DAYS, windows=st.lists(WINDOWS, max_size=3))
def test_quiet_hours_end_exactly_where_a_check_of_every_minute_says(
    data: st.DataObject, zone: ZoneInfo, around: date, windows: list[Window]
) -> None:
    holidays = data.draw(st.frozensets(st.integers(-2, 3).map(lambda days: around + days * DAY), max_size=3))
    now = datetime.combine(around, time(), UTC) + data.draw(st.integers(-1440, 2880)) * MINUTE
    hours = QuietHours(zone=zone, windows=tuple(windows), holidays=holidays)
    at = 2 * 1440
    covered = every_minute(hours, now - at * MINUTE, minutes=at + 9 * 1440)
    free = covered.find(0, at)
    assume(free != -1)  # quiet nearly all the time
    end = now + (free - at) * MINUTE
    assert quiet_until(hours, now) == (end if covered[at] else None)
    seconds = timedelta(seconds=data.draw(st.integers(0, 59)), microseconds=data.draw(st.integers(0, 999_999)))
    assert quiet_until(hours, now + seconds) == (end if covered[at] else None)
    assert quiet_until(hours, end) is None


def every_minute(hours: QuietHours, start: datetime, *, minutes: int) -> bytearray:
    """1 for each quiet minute.

    A window lasts from the first minute at which the local clock has reached its start, to the last one that shows its
    end, or the first one after it. So a skipped hour shortens it and a repeated hour lengthens it.
    """
    walls = [(start + at * MINUTE).astimezone(hours.zone).replace(tzinfo=None) for at in range(minutes)]
    reached = list(accumulate(walls, max))
    last_shown = {wall: at for at, wall in enumerate(walls)}
    covered = bytearray(minutes)
    first_day, last_day = walls[0].date(), walls[-1].date()
    for day in (first_day + n * DAY for n in range(-2, (last_day - first_day).days + 3)):
        windows = [window for window in hours.windows if day.weekday() in window.days]
        windows += [Window(start=0, end=1440)] if day in hours.holidays else []
        for window in windows:
            midnight = datetime.combine(day, time())
            begins = midnight + window.start * MINUTE
            ends = midnight + window.end * MINUTE + (DAY if window.end <= window.start else 0 * DAY)
            low, high = bisect_left(reached, begins), last_shown.get(ends, bisect_left(reached, ends))
            covered[low:high] = b"\1" * (high - low)
    return covered


@settings(max_examples=60)
@given(windows=st.lists(WINDOWS, max_size=4))
def test_windows_leave_no_gap_exactly_if_every_minute_of_a_week_is_quiet(windows: list[Window]) -> None:
    hours = QuietHours(zone=ZoneInfo("UTC"), windows=tuple(windows))
    covered = every_minute(hours, datetime(2026, 11, 16, tzinfo=UTC), minutes=7 * 1440)
    assert leaves_no_gap(hours.windows) is all(covered)
