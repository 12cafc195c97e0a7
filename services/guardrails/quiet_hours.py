"""Quiet hours: reading what a tenant wrote, and holding what would run in them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.errors import InvalidInput
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.fields import as_list, as_object, nearest, refuse_unknown, shown
from services.guardrails.quiet_calendar import MINUTES_A_DAY, QuietHours, Window, leaves_no_gap, quiet_until
from services.guardrails.recheck import park

MAX_WINDOWS = 100
MAX_HOLIDAYS = 1000
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))
EXAMPLE = '{"start": 22, "end": 6} or {"time_zone": "Europe/Berlin", "windows": [{"start": "22:00", "end": "06:00"}]}'

NOT_QUIET = Verdict(guardrail="quiet_hours", decision=Decision.ALLOW, reason="No quiet hours now.")


def judge_quiet_hours(settings: GuardrailSettings, now: datetime) -> Verdict:
    """What cannot be read counts as quiet, until someone writes it again."""
    if not settings.quiet_hours:
        return NOT_QUIET
    quiet = _read(settings.quiet_hours)
    if isinstance(quiet, str):
        return park("quiet_hours", f"The tenant's quiet hours cannot be read, so everything waits: {quiet}.", now)
    until = quiet_until(quiet, now)
    if until is None:
        return NOT_QUIET
    there = f"{until.astimezone(quiet.zone):%Y-%m-%d %H:%M} {quiet.zone.key}"
    reason = f"It is quiet until {there}: it goes on by itself then, or change the guardrails' quiet_hours."
    return Verdict(guardrail="quiet_hours", decision=Decision.HOLD, reason=reason, until=until)


def parse(raw: object) -> QuietHours:
    """Read either shape: `{"start": 22, "end": 6}` for every night, or windows with days, time zone and holidays.

    Raises InvalidInput with the exact path, such as `quiet_hours.windows[0].start`.
    """
    written = as_object(raw, "quiet_hours", EXAMPLE)
    zone = _zone(written)
    if "start" in written or "end" in written:
        refuse_unknown(written, "quiet_hours", ("start", "end", "time_zone", "timezone"))
        quiet = QuietHours(zone=zone, windows=(_window(written, "quiet_hours", EVERY_DAY),))
    else:
        refuse_unknown(written, "quiet_hours", ("time_zone", "timezone", "windows", "holidays"))
        quiet = QuietHours(zone=zone, windows=_windows(written), holidays=_holidays(written))
    if leaves_no_gap(quiet.windows):
        raise InvalidInput("quiet_hours", "leaves no free minute in the week; shorten a window, or pause the tenant")
    return quiet


def _read(raw: Mapping[str, Any]) -> QuietHours | str:
    """The quiet hours, or what is wrong with them."""
    try:
        return _read_json(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS, default=dict))
    except orjson.JSONEncodeError:
        return f"quiet_hours: must be JSON such as {EXAMPLE}"


@lru_cache(maxsize=1024)
def _read_json(canonical: bytes) -> QuietHours | str:
    try:
        return parse(orjson.loads(canonical))
    except InvalidInput as exc:
        return str(exc)


def _zone(written: Mapping[str, Any]) -> ZoneInfo:
    if "time_zone" in written and "timezone" in written:
        raise InvalidInput("quiet_hours.timezone", "says the same as time_zone; leave one of them out")
    field = "timezone" if "timezone" in written else "time_zone"
    name = written.get(field, "UTC")
    if isinstance(name, str) and name in _zone_names():
        return ZoneInfo(name)
    near = nearest(name, _zone_names()) if isinstance(name, str) and len(name) <= 100 else ""
    problem = f"{shown(name)} is not an IANA time zone{near}; write one such as Europe/Berlin"
    raise InvalidInput(f"quiet_hours.{field}", problem)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    """As the tzdata package lists them: the same on every machine, without local extras such as `right/`."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def _windows(written: Mapping[str, Any]) -> tuple[Window, ...]:
    listed = as_list(written.get("windows", []), "quiet_hours.windows", '[{"start": "22:00", "end": "06:00"}]')
    if len(listed) > MAX_WINDOWS:
        raise InvalidInput("quiet_hours.windows", f"has {len(listed)} windows; write at most {MAX_WINDOWS}")
    return tuple(_listed_window(window, f"quiet_hours.windows[{at}]") for at, window in enumerate(listed))


def _listed_window(raw: object, path: str) -> Window:
    written = as_object(raw, path, '{"days": ["mon"], "start": "22:00", "end": "06:00"}')
    refuse_unknown(written, path, ("days", "start", "end"))
    return _window(written, path, _days(written, f"{path}.days"))


def _window(written: Mapping[str, Any], path: str, days: frozenset[int]) -> Window:
    start, end = _minutes(written, f"{path}.start", "start"), _minutes(written, f"{path}.end", "end")
    if (start - end) % MINUTES_A_DAY == 0 and (start, end) != (0, MINUTES_A_DAY):
        raise InvalidInput(f"{path}.end", "is the same as start; write 0 and 24 for the whole day, or another end")
    return Window(days=days, start=start, end=end)


def _minutes(written: Mapping[str, Any], path: str, key: str) -> int:
    """Minutes after midnight, from an hour or from "HH:MM"."""
    value = written.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 24:
        return value * 60
    if isinstance(value, str) and (clock := re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", value)):
        minutes = int(clock[1]) * 60 + int(clock[2])
        if minutes <= MINUTES_A_DAY:
            return minutes
    raise InvalidInput(path, 'must be an hour from 0 to 24 or a time such as "22:30"')


def _days(written: Mapping[str, Any], path: str) -> frozenset[int]:
    if "days" not in written:
        return EVERY_DAY
    listed = as_list(written["days"], path, '["mon", "tue"]')
    if not listed:
        raise InvalidInput(path, "is empty; name at least one day, or leave it out for every day")
    for at, day in enumerate(listed):
        if not isinstance(day, str) or day.lower() not in WEEK:
            raise InvalidInput(f"{path}[{at}]", f"{shown(day)} is not a day; use {', '.join(WEEK)}")
    return frozenset(WEEK.index(day.lower()) for day in listed)


def _holidays(written: Mapping[str, Any]) -> frozenset[date]:
    listed = as_list(written.get("holidays", []), "quiet_hours.holidays", '["2026-12-25"]')
    if len(listed) > MAX_HOLIDAYS:
        raise InvalidInput("quiet_hours.holidays", f"has {len(listed)} days; write at most {MAX_HOLIDAYS}")
    return frozenset(_holiday(day, f"quiet_hours.holidays[{at}]") for at, day in enumerate(listed))


def _holiday(value: object, path: str) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InvalidInput(path, f"{shown(value)} is not a date; write one such as 2026-12-25")
