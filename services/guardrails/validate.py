"""Validate guardrail settings when they are written, so that judging can rely on them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter

from services.guardrails import GuardrailSettings
from services.guardrails.approval_rules import ApprovalRules
from services.guardrails.fields import (
    FIRST,
    SECOND,
    Document,
    by_shape,
    read,
    require_list,
    require_object,
    rule_error,
    shorten,
    with_problem,
)
from services.guardrails.quiet_document import Calendar, QuietHoursDocument
from services.guardrails.reminders import ApprovalReminders

SECONDS_BY_SPAN = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "daily": 86_400}
"""The seconds for the last part of a bucket's name."""
MAX_INTEGER = 2**31 - 1
"""The largest `integer` of the database."""

Count = Annotated[int, Field(ge=1, le=MAX_INTEGER), with_problem(f"must be a whole number from 1 to {MAX_INTEGER}")]
Scope = Annotated[
    str,
    Field(pattern=r"^[^\s*]+$"),
    with_problem(
        lambda scope: (
            f"{shorten(scope)} is not a scope; write a toolkit such as GMAIL (it covers all its scopes) or one scope"
        )
    ),
]
Bucket = Annotated[
    str,
    Field(pattern=r"^\S+$"),
    with_problem("is not a bucket name; use one from the catalog, such as slack.minute"),
]


class Scopes(Document):
    """Which scopes the tenant's agents may use; all when `allowed` is left out."""

    allowed: Annotated[
        list[Scope], require_list('["GMAIL", "SLACK.CHAT:WRITE"]'), Field(examples=[["GMAIL", "SLACK.CHAT:WRITE"]])
    ] = Field(default_factory=list)


class RateLimit(Document):
    """At most `limit` calls in `per_seconds` seconds."""

    limit: Count
    per_seconds: Count


def _check_spans(limits: dict[str, int | RateLimit]) -> dict[str, int | RateLimit]:
    for bucket, limit in limits.items():
        if isinstance(limit, int) and _span_seconds(bucket) is None:
            problem = f"has no time span (its name ends in none of {', '.join(SECONDS_BY_SPAN)})"
            raise rule_error(f'{problem}; write {{"limit": 20, "per_seconds": 60}}', at=[bucket])
    return limits


RateLimits = Annotated[
    dict[
        Bucket,
        Annotated[
            Annotated[Count, FIRST] | Annotated[RateLimit, SECOND],
            by_shape(lambda raw: not isinstance(raw, Mapping | RateLimit)),
        ],
    ],
    AfterValidator(_check_spans),
    require_object('{"slack.minute": {"limit": 20, "per_seconds": 60}}'),
]


class GuardrailDocument(Document):
    """The guardrail settings of a tenant. A field that is left out has its default."""

    quiet_hours: Annotated[QuietHoursDocument, Field(description="Times at which no calls are made.")] = Field(
        default_factory=Calendar
    )
    trust_threshold: Annotated[
        Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)],
        with_problem("must be a number from 0 (trust everyone) to 1"),
        Field(description="An envelope with a lower trust score needs approval."),
    ] = 0.0
    scopes: Annotated[Scopes, require_object('{"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}')] = Field(
        default_factory=Scopes
    )
    require_evidence: Annotated[
        bool,
        with_problem("must be true or false"),
        Field(description="Whether each envelope must cite evidence."),
    ] = False
    evidence_max_age: Annotated[
        Annotated[int, Field(gt=0, le=MAX_INTEGER)] | None,
        with_problem("must be a whole number of seconds, such as 86400; null for any age"),
        Field(description="Maximum age of cited evidence in seconds, since a scan last saw it; null for any age."),
    ] = None
    rate_limits: Annotated[
        RateLimits,
        Field(
            description="Limit of each rate bucket: a number if the bucket's name ends in a span such as .minute,"
            " otherwise a limit and per_seconds."
        ),
    ] = Field(default_factory=dict)
    approval_rules: Annotated[
        ApprovalRules,
        require_object('{"two_people": ["high"], "require": [{"tools": "STRIPE__*"}]}'),
        Field(description="Rules for which calls need an approval, whatever their trust score."),
    ] = Field(default_factory=ApprovalRules)
    approval_reminders: Annotated[
        ApprovalReminders,
        require_object('{"default": [{"after_seconds": 3600}]}'),
        Field(description="When people are reminded of a pending approval, by risk of the call."),
    ] = Field(default_factory=ApprovalReminders)


GUARDRAIL_FIELDS = tuple(GuardrailDocument.model_fields)


def parse_settings(tenant_id: UUID, raw: Mapping[str, Any]) -> GuardrailSettings:
    """The settings in `raw`, with defaults for missing fields and with rate limits in their long form.

    Raises InvalidInput with the field, such as `rate_limits.slack.minute.limit`, and the remedy.
    """
    document = read(_guardrails_adapter(), raw)
    return GuardrailSettings(
        tenant_id=tenant_id,
        quiet_hours=dict(raw.get("quiet_hours", {})),
        trust_threshold=document.trust_threshold,
        scopes=document.scopes.model_dump(exclude_unset=True),
        require_evidence=document.require_evidence,
        evidence_max_age=document.evidence_max_age,
        rate_limits=_in_long_form(document.rate_limits),
        approval_rules=dict(raw.get("approval_rules", {})),
        approval_reminders=dict(raw.get("approval_reminders", {})),
    )


def rate_limit(bucket: str, raw: object) -> dict[str, int]:
    """One bucket as `{"limit": n, "per_seconds": s}`. Raises InvalidInput with the field."""
    return _in_long_form(read(_rate_limits_adapter(), {bucket: raw}, "rate_limits"))[bucket]


def guardrails_schema() -> dict[str, Any]:
    """The JSON Schema of the settings document."""
    return GuardrailDocument.model_json_schema()


def _in_long_form(limits: dict[str, int | RateLimit]) -> dict[str, dict[str, int]]:
    return {
        bucket: limit.model_dump()
        if isinstance(limit, RateLimit)
        else {"limit": limit, "per_seconds": _span_seconds(bucket) or 0}
        for bucket, limit in limits.items()
    }


def _span_seconds(bucket: str) -> int | None:
    return SECONDS_BY_SPAN.get(bucket.rpartition(".")[2].lower())


@lru_cache(maxsize=1)
def _guardrails_adapter() -> TypeAdapter[GuardrailDocument]:
    return TypeAdapter(GuardrailDocument)


@lru_cache(maxsize=1)
def _rate_limits_adapter() -> TypeAdapter[dict[str, int | RateLimit]]:
    return TypeAdapter(RateLimits)
