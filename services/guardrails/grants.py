"""Does a grant cover a call? If a condition cannot be tested, the grant does not cover the call, which then needs an
approval."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from services.accounts import Account
from services.catalog import Tool
from services.envelope import Envelope, highest_risk
from services.errors import InvalidInput
from services.grants import Grant
from services.guardrails import Policy
from services.guardrails.approval_rules import (
    MAX_STEPS,
    Condition,
    Conditions,
    Steps,
    TooManySteps,
    matches_pattern,
    meets_condition,
    two_people_for,
)
from services.guardrails.fields import read


def find_grant(envelope: Envelope, tool: Tool, account: Account | None, policy: Policy, now: datetime) -> Grant | None:
    """The first of the tenant's grants that covers the call; None if none does.

    No grant covers a call that needs two approvals, a call proposed by the grant's issuer, or a call that was changed
    after its approval.
    """
    risk = highest_risk(envelope.risk, tool.risk)
    if not policy.grants or envelope.approved_digest or two_people_for(risk, policy.settings) is not False:
        return None
    steps = Steps(MAX_STEPS)
    try:
        return next((grant for grant in policy.grants if _covers(grant, envelope, account, now, steps)), None)
    except TooManySteps:
        return None


def parse_conditions(arguments: object) -> list[Condition]:
    """The conditions of a grant. Raises InvalidInput with the field, such as `arguments[0].below`, and the remedy."""
    try:
        return _parse_cached(orjson.dumps(arguments, default=dict))
    except orjson.JSONEncodeError as exc:
        raise InvalidInput("arguments", "is nested too deep, or has a number that is too large") from exc


def read_conditions(arguments: object) -> list[Condition] | None:
    """Same as `parse_conditions`, but None if the conditions cannot be read."""
    try:
        return parse_conditions(arguments)
    except InvalidInput:
        return None


def _covers(grant: Grant, envelope: Envelope, account: Account | None, now: datetime, steps: Steps) -> bool:
    used = envelope.connected_account_id if account is None else str(account.id)
    if (
        grant.unreadable
        or not grant.is_open(now)
        or grant.issued_by == envelope.proposer_id
        or used != (None if grant.account_id is None else str(grant.account_id))
        or not matches_pattern(grant.tools, envelope.tool_slug)
    ):
        return False
    conditions = read_conditions(grant.arguments)
    return conditions is not None and all(
        _is_met_everywhere(condition, envelope.arguments, condition.argument.split("."), steps)
        for condition in conditions
    )


def _is_met_everywhere(condition: Condition, value: Any, path: Sequence[str], steps: Steps) -> bool:
    """Whether the path has a value and all its values meet the condition. A list must not be empty."""
    steps.count()
    if isinstance(value, list | tuple):
        return bool(value) and all(_is_met_everywhere(condition, inner, path, steps) for inner in value)
    if not path:
        return meets_condition(condition, value) is True
    return (
        isinstance(value, Mapping)
        and path[0] in value
        and _is_met_everywhere(condition, value[path[0]], path[1:], steps)
    )


@lru_cache(maxsize=1024)
def _parse_cached(text: bytes) -> list[Condition]:
    return read(_conditions_adapter(), orjson.loads(text), "arguments")


@lru_cache(maxsize=1)
def _conditions_adapter() -> TypeAdapter[list[Condition]]:
    return TypeAdapter(Conditions)
