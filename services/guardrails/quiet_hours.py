"""Quiet hours: read a tenant's settings, and hold calls during them."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.errors import InvalidInput
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.fields import read
from services.guardrails.quiet_calendar import QuietHours, quiet_until
from services.guardrails.quiet_document import (
    QUIET_HOURS_EXAMPLE,
    Calendar,
    DailyWindow,
    QuietHoursDocument,
    to_quiet_hours,
)
from services.guardrails.recheck import park

NOT_QUIET = Verdict(guardrail="quiet_hours", decision=Decision.ALLOW, reason="No quiet hours now.")


def judge_quiet_hours(settings: GuardrailSettings, now: datetime) -> Verdict:
    """The verdict of quiet hours. Unreadable settings count as quiet until they are corrected."""
    if not settings.quiet_hours:
        return NOT_QUIET
    quiet = _read(settings.quiet_hours)
    if isinstance(quiet, str):
        return park("quiet_hours", f"The tenant's quiet hours cannot be read, so its envelopes wait: {quiet}.", now)
    until = quiet_until(quiet, now)
    if until is None:
        return NOT_QUIET
    end = f"{until.astimezone(quiet.zone):%Y-%m-%d %H:%M} {quiet.zone.key}"
    reason = f"Quiet hours until {end}: the call is made then, or change the guardrails' quiet_hours."
    return Verdict(guardrail="quiet_hours", decision=Decision.HOLD, reason=reason, until=until)


def parse_quiet_hours(raw: object) -> QuietHours:
    """Read either shape: `{"start": 22, "end": 6}` for every night, or windows with days, time zone and holidays.

    Raises InvalidInput with the path, such as `quiet_hours.windows[0].start`.
    """
    return to_quiet_hours(read(_document_adapter(), raw, "quiet_hours"))


@lru_cache(maxsize=1)
def _document_adapter() -> TypeAdapter[DailyWindow | Calendar]:
    return TypeAdapter(QuietHoursDocument)


def _read(raw: Mapping[str, Any]) -> QuietHours | str:
    """The quiet hours, or the problem with their settings."""
    try:
        return _read_json(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS, default=dict))
    except orjson.JSONEncodeError:
        return f"quiet_hours: must be JSON such as {QUIET_HOURS_EXAMPLE}"


@lru_cache(maxsize=1024)
def _read_json(canonical: bytes) -> QuietHours | str:
    try:
        return parse_quiet_hours(orjson.loads(canonical))
    except InvalidInput as exc:
        return str(exc)
