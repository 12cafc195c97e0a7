"""The document of a tenant's quiet hours, in one of two shapes."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from services.guardrails.fields import (
    FIRST,
    SECOND,
    Document,
    by_shape,
    require_list,
    require_object,
    rule_error,
    shorten,
    suggestion,
    with_problem,
)
from services.guardrails.quiet_calendar import MINUTES_A_DAY, QuietHours, Window, leaves_no_gap

MAX_WINDOWS = 100
MAX_HOLIDAYS = 1000
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUIET_HOURS_EXAMPLE = (
    '{"start": 22, "end": 6} or {"time_zone": "Europe/Berlin", "windows": [{"start": "22:00", "end": "06:00"}]}'
)


def _check_zone(name: str) -> str:
    if name in _zone_names():
        return name
    near = suggestion(name, _zone_names()) if len(name) <= 100 else ""
    raise rule_error(f"{shorten(name)} is not an IANA time zone{near}; write one such as Europe/Berlin")


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    """The names in package tzdata: the same on every machine, without local ones such as `right/`."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def _check_day(name: str) -> str:
    WEEK.index(name.lower())
    return name


def _check_date(text: str) -> str:
    date.fromisoformat(text)
    return text


Zone = Annotated[
    Annotated[
        str, with_problem(lambda name: f"{shorten(name)} is not an IANA time zone; write one such as Europe/Berlin")
    ],
    AfterValidator(_check_zone),
    Field(description="An IANA time zone, such as Europe/Berlin."),
]
Time = Annotated[
    Annotated[int, Field(ge=0, le=24)] | Annotated[str, Field(pattern="^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^24:00$")],
    with_problem('must be an hour from 0 to 24 or a time such as "22:30"'),
    Field(description="Local time in the time zone: an hour, or hours and minutes.", examples=[22, "06:30"]),
]
Day = Annotated[
    str, AfterValidator(_check_day), with_problem(lambda day: f"{shorten(day)} is not a day; use {', '.join(WEEK)}")
]
Days = Annotated[
    list[Day],
    Field(min_length=1),
    require_list('["mon", "tue"]', if_empty="is empty; name at least one day, or leave it out for every day"),
    Field(description="Days of the week on which the window starts; by default every day.", examples=[["mon", "fri"]]),
]
Holiday = Annotated[
    str,
    Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_check_date),
    with_problem(lambda day: f"{shorten(day)} is not a date; write one such as 2026-12-25"),
]


class WeeklyWindow(Document):
    """Quiet hours that start on some days of the week, and end on the next day unless `end` is after `start`."""

    days: Days = Field(default=list(WEEK))
    start: Time
    end: Time

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        _refuse_empty(self.start, self.end)
        return self


class DailyWindow(Document):
    """The same quiet hours on every day."""

    start: Time
    end: Time
    time_zone: Zone = "UTC"
    timezone: Zone = "UTC"

    @model_validator(mode="after")
    def _check_zone_and_length(self) -> Self:
        _refuse_two_zones(self)
        _refuse_empty(self.start, self.end)
        return self


class Calendar(Document):
    """Weekly windows, and holidays that are quiet from midnight to midnight."""

    time_zone: Zone = "UTC"
    timezone: Zone = "UTC"
    windows: Annotated[
        list[Annotated[WeeklyWindow, require_object('{"days": ["mon"], "start": "22:00", "end": "06:00"}')]],
        Field(max_length=MAX_WINDOWS),
        require_list('[{"start": "22:00", "end": "06:00"}]', at_most=MAX_WINDOWS, of="windows"),
    ] = Field(default_factory=list)
    holidays: Annotated[
        list[Holiday],
        Field(max_length=MAX_HOLIDAYS),
        require_list('["2026-12-25"]', at_most=MAX_HOLIDAYS, of="days"),
        Field(examples=[["2026-12-25"]]),
    ] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_one_zone(self) -> Self:
        _refuse_two_zones(self)
        return self


def to_quiet_hours(document: DailyWindow | Calendar) -> QuietHours:
    """The quiet hours of a document."""
    zone = ZoneInfo(document.timezone if "timezone" in document.model_fields_set else document.time_zone)
    if isinstance(document, DailyWindow):
        window = Window(start=_minutes_of_day(document.start), end=_minutes_of_day(document.end))
        return QuietHours(zone=zone, windows=(window,))
    return QuietHours(
        zone=zone,
        windows=tuple(
            Window(
                days=frozenset(WEEK.index(day.lower()) for day in window.days),
                start=_minutes_of_day(window.start),
                end=_minutes_of_day(window.end),
            )
            for window in document.windows
        ),
        holidays=frozenset(map(date.fromisoformat, document.holidays)),
    )


def _check_gap(document: DailyWindow | Calendar) -> DailyWindow | Calendar:
    if leaves_no_gap(to_quiet_hours(document).windows):
        raise rule_error("leaves no minute of the week free; shorten a window, or pause the tenant")
    return document


QuietHoursDocument = Annotated[
    Annotated[DailyWindow, FIRST] | Annotated[Calendar, SECOND],
    by_shape(
        lambda raw: isinstance(raw, DailyWindow) or (isinstance(raw, Mapping) and ("start" in raw or "end" in raw))
    ),
    AfterValidator(_check_gap),
    require_object(QUIET_HOURS_EXAMPLE),
]


def _refuse_two_zones(document: DailyWindow | Calendar) -> None:
    if {"time_zone", "timezone"} <= document.model_fields_set:
        raise rule_error("has the same meaning as time_zone; leave one of them out", at=["timezone"])


def _refuse_empty(start: int | str, end: int | str) -> None:
    begin_minute, end_minute = _minutes_of_day(start), _minutes_of_day(end)
    if (begin_minute - end_minute) % MINUTES_A_DAY == 0 and (begin_minute, end_minute) != (0, MINUTES_A_DAY):
        raise rule_error("is the same as start; write 0 and 24 for the whole day, or another end", at=["end"])


def _minutes_of_day(time: int | str) -> int:
    """Minutes after midnight."""
    hours, _, minutes = str(time).partition(":")
    return int(hours) * 60 + int(minutes or 0)
