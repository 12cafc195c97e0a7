"""Guardrail settings, checked whole when they are written, so that judging never meets a surprise."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.errors import InvalidInput
from services.guardrails import GuardrailSettings
from services.guardrails.fields import as_list, as_object, refuse_unknown, shown
from services.guardrails.quiet_hours import parse as parse_quiet_hours
from services.guardrails.trust import is_fraction

FIELDS = ("quiet_hours", "trust_threshold", "scopes", "require_evidence", "evidence_max_age", "rate_limits")
SPANS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "daily": 86_400}
"""Seconds that the last part of a bucket's name stands for."""
LARGEST = 2**31 - 1
"""What an `integer` of the database holds."""


def parse_settings(tenant_id: UUID, raw: Mapping[str, Any]) -> GuardrailSettings:
    """The settings in `raw`, fields left out at their defaults; rate limits in their long form, the rest as written.

    Raises InvalidInput that names the field, such as `rate_limits.slack.minute.limit`, and the remedy.
    """
    refuse_unknown(raw, "", FIELDS)
    return GuardrailSettings(
        tenant_id=tenant_id,
        quiet_hours=_quiet_hours(raw.get("quiet_hours", {})),
        trust_threshold=_trust_threshold(raw.get("trust_threshold", 0.0)),
        scopes=_scopes(raw.get("scopes", {})),
        require_evidence=_require_evidence(raw.get("require_evidence", False)),
        evidence_max_age=_evidence_max_age(raw.get("evidence_max_age")),
        rate_limits=_rate_limits(raw.get("rate_limits", {})),
    )


def _quiet_hours(raw: object) -> dict[str, Any]:
    parse_quiet_hours(raw)
    return dict(as_object(raw, "quiet_hours", "{}"))


def _trust_threshold(raw: Any) -> float:
    if is_fraction(raw):
        return float(raw)
    raise InvalidInput("trust_threshold", "must be a number from 0 (trust everyone) to 1")


def _require_evidence(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    raise InvalidInput("require_evidence", "must be true or false")


def _evidence_max_age(raw: object) -> int | None:
    if raw is None or (isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= LARGEST):
        return raw
    raise InvalidInput("evidence_max_age", "must be a whole number of seconds, such as 86400; null for any age")


def _scopes(raw: object) -> dict[str, Any]:
    written = as_object(raw, "scopes", '{"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}')
    refuse_unknown(written, "scopes", ("allowed",))
    if "allowed" not in written:
        return {}
    listed = as_list(written["allowed"], "scopes.allowed", '["GMAIL", "SLACK.CHAT:WRITE"]')
    for at, entry in enumerate(listed):
        if not isinstance(entry, str) or not re.fullmatch(r"[^\s*]+", entry):
            problem = (
                f"{shown(entry)} is not a scope; write a toolkit such as GMAIL (it covers all its scopes) or one scope"
            )
            raise InvalidInput(f"scopes.allowed[{at}]", problem)
    return {"allowed": listed}


def _rate_limits(raw: object) -> dict[str, dict[str, int]]:
    written = as_object(raw, "rate_limits", '{"slack.minute": {"limit": 20, "per_seconds": 60}}')
    return {bucket: rate_limit(bucket, limit) for bucket, limit in written.items()}


def rate_limit(bucket: str, raw: object) -> dict[str, int]:
    """One bucket as `{"limit": n, "per_seconds": s}`. Raises InvalidInput that names the field."""
    path = f"rate_limits.{shown(bucket)}"
    if not re.fullmatch(r"\S+", bucket):
        raise InvalidInput(path, "is not a bucket; name it as the catalog does, such as slack.minute")
    if not isinstance(raw, Mapping):
        return {"limit": _count(raw, path), "per_seconds": _span(bucket, path)}
    refuse_unknown(raw, path, ("limit", "per_seconds"))
    return {
        "limit": _count(raw.get("limit"), f"{path}.limit"),
        "per_seconds": _count(raw.get("per_seconds"), f"{path}.per_seconds"),
    }


def _count(raw: object, path: str) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= LARGEST:
        return raw
    raise InvalidInput(path, f"must be a whole number from 1 to {LARGEST}")


def _span(bucket: str, path: str) -> int:
    suffix = bucket.rpartition(".")[2].lower()
    if suffix in SPANS:
        return SPANS[suffix]
    problem = f'says no span (its name ends in none of {", ".join(SPANS)}); write {{"limit": 20, "per_seconds": 60}}'
    raise InvalidInput(path, problem)
