"""Quiet hours: which documents are accepted, and until when they hold a call."""

from contextlib import suppress
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidInput
from services.guardrails import Decision, Verdict
from services.guardrails.judge import judge
from services.guardrails.quiet_calendar import QuietHours, Window
from services.guardrails.quiet_hours import parse_quiet_hours
from services.guardrails.recheck import RECHECK_AFTER
from tests.builders import NOW, a_policy, a_tool, an_envelope

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
NIGHT = Window(start=22 * 60, end=6 * 60)
ALLOW, HOLD = Decision.ALLOW, Decision.HOLD


def verdict_of(quiet_hours: Any, now: datetime = NOW) -> Verdict:
    verdicts = judge(an_envelope(), a_tool(), a_policy(quiet_hours=quiet_hours), now).verdicts
    return next(verdict for verdict in verdicts if verdict.guardrail == "quiet_hours")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, QuietHours(zone=UTC)),
        ({"start": 22, "end": 6}, QuietHours(zone=UTC, windows=(NIGHT,))),
        ({"start": "22:00", "end": "6:00"}, QuietHours(zone=UTC, windows=(NIGHT,))),
        ({"start": 22, "end": 6, "timezone": "Europe/Berlin"}, QuietHours(zone=BERLIN, windows=(NIGHT,))),
        ({"start": 22, "end": 6, "time_zone": "Europe/Berlin"}, QuietHours(zone=BERLIN, windows=(NIGHT,))),
        ({"start": 0, "end": "23:59"}, QuietHours(zone=UTC, windows=(Window(start=0, end=1439),))),
        ({"start": 20, "end": 24}, QuietHours(zone=UTC, windows=(Window(start=1200, end=1440),))),
        (
            {
                "time_zone": "Europe/Berlin",
                "windows": [
                    {"days": ["mon", "Fri", "mon"], "start": "22:30", "end": "06:00"},
                    {"days": ["sun"], "start": 0, "end": 24},
                    {"start": 22, "end": 6},
                ],
                "holidays": ["2026-12-25", "2026-12-26"],
            },
            QuietHours(
                zone=BERLIN,
                windows=(
                    Window(days=frozenset({0, 4}), start=1350, end=360),
                    Window(days=frozenset({6}), start=0, end=1440),
                    NIGHT,
                ),
                holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26)}),
            ),
        ),
    ],
)
def test_both_forms_of_quiet_hours_are_read(written: Any, read: QuietHours) -> None:
    assert parse_quiet_hours(written) == read


@pytest.mark.parametrize(
    ("written", "field", "remedy"),
    [
        ([], "quiet_hours", '{"start": 22, "end": 6}'),
        (None, "quiet_hours", '{"start": 22, "end": 6}'),
        ({"start": 22}, "quiet_hours.end", '"22:30"'),
        ({"end": 6}, "quiet_hours.start", '"22:30"'),
        ({"start": 25, "end": 6}, "quiet_hours.start", "from 0 to 24"),
        ({"start": -1, "end": 6}, "quiet_hours.start", "from 0 to 24"),
        ({"start": True, "end": 6}, "quiet_hours.start", "from 0 to 24"),
        ({"start": 22.5, "end": 6}, "quiet_hours.start", '"22:30"'),
        ({"start": "22", "end": 6}, "quiet_hours.start", '"22:30"'),
        ({"start": "22:60", "end": 6}, "quiet_hours.start", '"22:30"'),
        ({"start": "24:01", "end": 6}, "quiet_hours.start", '"22:30"'),
        ({"start": "٢٢:00", "end": 6}, "quiet_hours.start", '"22:30"'),
        ({"start": 22, "end": "6 am"}, "quiet_hours.end", '"22:30"'),
        ({"start": 6, "end": "06:00"}, "quiet_hours.end", "write 0 and 24 for the whole day"),
        ({"start": 0, "end": 0}, "quiet_hours.end", "write 0 and 24 for the whole day"),
        ({"start": 24, "end": 0}, "quiet_hours.end", "write 0 and 24 for the whole day"),
        ({"start": 24, "end": 24}, "quiet_hours.end", "write 0 and 24 for the whole day"),
        ({"start": 22, "end": 6, "zone": "UTC"}, "quiet_hours.zone", "use start, end, time_zone, timezone"),
        ({"start": 22, "end": 6, "windows": []}, "quiet_hours.windows", "remove it"),
        ({"window": []}, "quiet_hours.window", "use time_zone, timezone, windows, holidays"),
        ({"time_zone": "UTC", "timezone": "UTC"}, "quiet_hours.timezone", "leave one of them out"),
        ({"time_zone": "Europe/Berln"}, "quiet_hours.time_zone", "did you mean Europe/Berlin"),
        ({"timezone": "europe/berlin"}, "quiet_hours.timezone", "did you mean Europe/Berlin"),
        ({"time_zone": "Berlin"}, "quiet_hours.time_zone", "Europe/Berlin"),
        ({"time_zone": "Middle-earth"}, "quiet_hours.time_zone", "Middle-earth is not an IANA time zone"),
        ({"time_zone": "Europe"}, "quiet_hours.time_zone", "such as Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "quiet_hours.time_zone", "such as Europe/Berlin"),
        ({"time_zone": "right/UTC"}, "quiet_hours.time_zone", "such as Europe/Berlin"),
        ({"time_zone": ""}, "quiet_hours.time_zone", "such as Europe/Berlin"),
        ({"time_zone": None}, "quiet_hours.time_zone", "None is not an IANA time zone"),
        ({"time_zone": 1}, "quiet_hours.time_zone", "such as Europe/Berlin"),
        ({"windows": {}}, "quiet_hours.windows", "must be a list such as"),
        ({"windows": [[]]}, "quiet_hours.windows[0]", "must be an object such as"),
        ({"windows": [{"start": 22, "end": 6}, {"start": "x", "end": 6}]}, "quiet_hours.windows[1].start", '"22:30"'),
        ({"windows": [{"start": 7, "end": 7}]}, "quiet_hours.windows[0].end", "the same as start"),
        ({"windows": [{"from": 7}]}, "quiet_hours.windows[0].from", "use days, start, end"),
        ({"windows": [{"days": [], "start": 22, "end": 6}]}, "quiet_hours.windows[0].days", "leave it out"),
        ({"windows": [{"days": "mon", "start": 22, "end": 6}]}, "quiet_hours.windows[0].days", '["mon", "tue"]'),
        ({"windows": [{"days": ["mon", "mo"], "start": 1, "end": 6}]}, "quiet_hours.windows[0].days[1]", "mon, tue"),
        ({"windows": [{"days": [1], "start": 1, "end": 6}]}, "quiet_hours.windows[0].days[0]", "1 is not a day"),
        ({"windows": [{"start": 1, "end": 2}] * 101}, "quiet_hours.windows", "at most 100"),
        ({"holidays": "2026-12-25"}, "quiet_hours.holidays", "must be a list"),
        ({"holidays": ["2026-12-25", "2026-02-30"]}, "quiet_hours.holidays[1]", "2026-02-30 is not a date"),
        ({"holidays": ["20261225"]}, "quiet_hours.holidays[0]", "such as 2026-12-25"),
        ({"holidays": [20261225]}, "quiet_hours.holidays[0]", "such as 2026-12-25"),
        ({"holidays": ["2026-12-25"] * 1001}, "quiet_hours.holidays", "at most 1000"),
        ({"start": 0, "end": 24}, "quiet_hours", "pause the tenant"),
        ({"windows": [{"start": 6, "end": 22}, {"start": 22, "end": 6}]}, "quiet_hours", "pause the tenant"),
        (
            {"windows": [{"days": ["sun"], "start": 1, "end": 24}, {"start": 23, "end": 22}, {"start": 22, "end": 1}]},
            "quiet_hours",
            "pause the tenant",
        ),
    ],
)
def test_invalid_quiet_hours_are_refused_with_path_and_remedy(written: Any, field: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_quiet_hours(written)
    assert refused.value.field == field
    assert remedy in str(refused.value)
    assert "\n" not in str(refused.value)


KEYS = st.sampled_from(["start", "end", "time_zone", "timezone", "windows", "holidays", "days", "x\ny"])
NONSENSE = st.recursive(
    st.none() | st.integers(0, 24) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)
)


@given(NONSENSE)
def test_any_nonsense_is_refused_without_an_exception(nonsense: Any) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse_quiet_hours(nonsense), QuietHours)


@pytest.mark.parametrize(
    ("quiet_hours", "now", "until"),
    [
        ({}, "2026-11-23T23:00+00:00", None),
        ({"start": 22, "end": 6}, "2026-11-23T21:59:59.999999+00:00", None),
        ({"start": 22, "end": 6}, "2026-11-23T22:00+00:00", "2026-11-24T06:00+00:00"),
        ({"start": 22, "end": 6}, "2026-11-24T05:59:59.999999+00:00", "2026-11-24T06:00+00:00"),
        ({"start": 22, "end": 6}, "2026-11-24T06:00+00:00", None),
        ({"start": 22, "end": 6}, "2026-11-24T01:00+04:00", None),
        ({"start": 9, "end": 17}, "2026-11-23T16:00+00:00", "2026-11-23T17:00+00:00"),
        ({"start": 22, "end": 6, "time_zone": "Europe/Berlin"}, "2026-11-23T21:00+00:00", "2026-11-24T05:00+00:00"),
        # Friday night belongs to Friday
        ({"windows": [{"days": ["fri"], "start": 22, "end": 6}]}, "2026-11-28T05:00+00:00", "2026-11-28T06:00+00:00"),
        ({"windows": [{"days": ["fri"], "start": 22, "end": 6}]}, "2026-11-27T05:00+00:00", None),
        ({"windows": [{"days": ["fri"], "start": 22, "end": 6}]}, "2026-11-28T23:00+00:00", None),
        # Friday evening, the weekend and Monday morning run into one
        (
            {
                "windows": [
                    {"days": ["mon", "tue", "wed", "thu", "fri", "sun"], "start": 20, "end": 8},
                    {"days": ["sat", "sun"], "start": 0, "end": 24},
                ]
            },
            "2026-11-27T20:00+00:00",
            "2026-11-30T08:00+00:00",
        ),
        # one that starts at 24:00 starts with the next day
        ({"windows": [{"days": ["mon"], "start": 24, "end": 6}]}, "2026-11-24T00:00+00:00", "2026-11-24T06:00+00:00"),
        ({"windows": [{"days": ["mon"], "start": 24, "end": 6}]}, "2026-11-23T00:00+00:00", None),
        # holidays
        ({"holidays": ["2026-12-25"]}, "2026-12-24T23:59+00:00", None),
        ({"holidays": ["2026-12-25"]}, "2026-12-25T00:00+00:00", "2026-12-26T00:00+00:00"),
        (
            {"time_zone": "Europe/Berlin", "holidays": ["2026-12-26", "2026-12-25"]},
            "2026-12-24T23:00+00:00",
            "2026-12-26T23:00+00:00",
        ),
        (
            {"windows": [{"start": 22, "end": 6}], "holidays": ["2026-12-25"]},
            "2026-12-24T22:00+00:00",
            "2026-12-26T06:00+00:00",
        ),
    ],
)
def test_an_envelope_is_held_until_quiet_hours_end(quiet_hours: Any, now: str, until: str | None) -> None:
    verdict = verdict_of(quiet_hours, datetime.fromisoformat(now))
    assert (verdict.decision, verdict.until) == ((HOLD, datetime.fromisoformat(until)) if until else (ALLOW, None))


def test_the_reason_names_the_end_in_the_tenants_time_zone() -> None:
    verdict = verdict_of({"start": 12, "end": 14, "time_zone": "Europe/Berlin"})
    assert verdict.reason == (
        "Quiet hours until 2026-11-23 14:00 Europe/Berlin: "
        "the call is made then, or change the guardrails' quiet_hours."
    )


@pytest.mark.parametrize(
    ("quiet_hours", "field"),
    [
        ({"start": 25, "end": 6}, "quiet_hours.start"),
        ({"windows": [{"start": 22}]}, "quiet_hours.windows[0].end"),
        ({"time_zone": "Mars/Base"}, "quiet_hours.time_zone"),
        ({"start": 1 << 70, "end": 6}, "quiet_hours"),
        ({"start": object(), "end": 6}, "quiet_hours"),
        ([1], "quiet_hours"),
        ("22-6", "quiet_hours"),
    ],
)
def test_unreadable_stored_quiet_hours_hold_every_envelope(quiet_hours: Any, field: str) -> None:
    for _ in ("read", "remembered"):
        verdict = verdict_of(quiet_hours)
        assert (verdict.decision, verdict.until) == (HOLD, NOW + RECHECK_AFTER)
        assert f" {field}: " in verdict.reason


def test_any_mapping_is_read() -> None:
    written = MappingProxyType({"windows": (MappingProxyType({"start": 12, "end": 13}),)})
    assert verdict_of(written).until == NOW.replace(hour=13)


def test_changed_quiet_hours_apply_at_once() -> None:
    written = {"start": 12, "end": 13}
    assert verdict_of(written).decision is HOLD
    written["end"] = 14
    assert verdict_of(written).until == NOW.replace(hour=14)
