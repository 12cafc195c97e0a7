"""Rules for calls that need an approval whatever their trust score, and for calls that need two approvals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any, Self

import orjson
from pydantic import Field, TypeAdapter, model_validator

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import Tool
from services.envelope import Envelope, Risk, highest_risk
from services.errors import InvalidInput
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.fields import Document, read, require_list, require_object, rule_error, with_problem

MAX_RULES = 100
MAX_CONDITIONS = 20
MAX_STEPS = 20_000
"""The most steps through the arguments for all rules together: about 10 ms. A call that needs more steps needs an
approval, because the rules and arguments of one tenant must not block the worker."""
TEST_NAMES = ("above", "below", "equals", "one_of")
RISKS = tuple(Risk)

NO_RULE = Verdict(guardrail="rules", decision=Decision.ALLOW, reason="No approval rule applies.")
APPROVED_VERDICT = Verdict(guardrail="rules", decision=Decision.ALLOW, reason="A person approved exactly this call.")

Scalar = str | int | float | bool | None
Number = Annotated[Annotated[int | float, Field(allow_inf_nan=False)], with_problem("must be a number, such as 1000")]
Value = Annotated[Scalar, with_problem("must be a text, a number, true, false or null")]
EMPTY_LIST_PROBLEM = "is empty; list at least one value"
ToolPattern = Annotated[
    Annotated[str, Field(pattern=r"^\S+$", max_length=255)],
    with_problem("is not a tool; write a slug such as STRIPE__refund, or a pattern such as STRIPE__*"),
    Field(description="A tool slug. * stands for any characters.", examples=["STRIPE__*"]),
]
RiskName = Annotated[
    Annotated[str, Field(pattern=f"^({'|'.join(RISKS)})$")], with_problem(f"is not a risk; use {', '.join(RISKS)}")
]
AccountId = Annotated[
    Annotated[str, Field(min_length=1, max_length=255)],
    with_problem("must be the id of a connected account"),
    Field(description="The id of a connected account."),
]


class Condition(Document):
    """A test of one argument. In a list, each element is tested."""

    argument: Annotated[
        Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=255)],
        with_problem("must be the path of an argument, such as amount or order.total"),
        Field(description="The path of the argument.", examples=["amount", "order.total"]),
    ]
    above: Number | None = None
    below: Number | None = None
    equals: Value = None
    one_of: Annotated[
        list[Value], require_list('["EUR", "USD"]', at_most=1000, of="values", if_empty=EMPTY_LIST_PROBLEM)
    ] = Field(default_factory=list)

    @cached_property
    def accepted(self) -> frozenset[tuple[bool, Scalar]]:
        """The values of `one_of` as a set of keys, in which a value is looked up quickly."""
        return frozenset(map(_json_key, self.one_of))

    @model_validator(mode="after")
    def _check_one_test(self) -> Self:
        if len(self.model_fields_set & set(TEST_NAMES)) != 1:
            raise rule_error(f"needs exactly one of {', '.join(TEST_NAMES)}")
        return self


Conditions = Annotated[
    list[Annotated[Condition, require_object('{"argument": "amount", "above": 1000}')]],
    require_list('[{"argument": "amount", "above": 1000}]', at_most=MAX_CONDITIONS, of="conditions"),
    Field(description="Conditions on the arguments. All of them must hold."),
]


class Rule(Document):
    """Calls for which every given field holds need an approval."""

    tools: ToolPattern = "*"
    risks: Annotated[list[RiskName], require_list('["high"]')] = Field(default_factory=list)
    account: AccountId | None = None
    arguments: Conditions = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_not_empty(self) -> Self:
        if not self.model_fields_set:
            raise rule_error('is empty; write {"tools": "*"} to require an approval for every call')
        return self


class ApprovalRules(Document):
    """Rules for which calls need an approval, whatever their trust score."""

    two_people: Annotated[
        list[RiskName],
        require_list('["high"]'),
        Field(description="Calls of these risks need the approval of two different people.", examples=[["high"]]),
    ] = Field(default_factory=list)
    require: Annotated[
        list[Annotated[Rule, require_object('{"tools": "STRIPE__*"}')]],
        require_list('[{"tools": "STRIPE__*"}]', at_most=MAX_RULES, of="rules"),
        Field(description="A call that one of these rules matches needs an approval."),
    ] = Field(default_factory=list)


def judge_rules(
    envelope: Envelope, settings: GuardrailSettings, tool: Tool | None = None, account: Account | None = None
) -> Verdict:
    """Does a rule require an approval that nobody has given for exactly this call? If the rules cannot be read, an
    approval is required.

    If the envelope and its tool have different risks, the higher one counts: the caller may have claimed a lower risk,
    and the risk of the tool may have been raised later.
    """
    if not settings.approval_rules:
        return NO_RULE
    risk = envelope.risk if tool is None else highest_risk(envelope.risk, tool.risk)
    try:
        rules = _parse_cached(orjson.dumps(settings.approval_rules, default=dict))
        steps = Steps(MAX_STEPS)
        number = next(
            (n for n, rule in enumerate(rules.require) if _applies(rule, envelope, risk, account, steps)), None
        )
    except InvalidInput as exc:
        matched = f"approval_rules cannot be read ({exc})"
    except orjson.JSONEncodeError:
        matched = "approval_rules cannot be read (nested too deep, or a number too large)"
    except TooManySteps:
        matched = "approval_rules have too many conditions for arguments of this size"
    else:
        if number is None:
            return NO_RULE
        matched = f"approval_rules.require[{number}] applies to the call"
    if envelope.approved_digest is not None and envelope.approved_digest == call_digest(envelope, tool, account):
        return APPROVED_VERDICT
    return Verdict(
        guardrail="rules", decision=Decision.NEEDS_APPROVAL, reason=f"{matched}: a person has to approve it."
    )


def named_arguments(settings: GuardrailSettings) -> list[str]:
    """The arguments that the conditions of rules read: the first part of each path. Raises InvalidInput."""
    if not settings.approval_rules:
        return []
    rules = _parse_cached(orjson.dumps(settings.approval_rules, default=dict))
    return sorted({condition.argument.partition(".")[0] for rule in rules.require for condition in rule.arguments})


def two_people_for(risk: str, settings: GuardrailSettings) -> bool | None:
    """Whether two people have to approve calls of this risk; None if the rules cannot be read."""
    if not settings.approval_rules:
        return False
    try:
        return risk in _parse_cached(orjson.dumps(settings.approval_rules, default=dict)).two_people
    except (InvalidInput, orjson.JSONEncodeError):
        return None


def matches_pattern(pattern: str, slug: str) -> bool:
    """Whether the tool is one that the pattern names. Takes linear time: a regular expression would not."""
    start, *parts = pattern.split("*")
    if not parts:
        return slug == start
    end, at = parts.pop(), len(start)
    for part in parts:
        found = slug.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return slug.startswith(start) and slug.endswith(end) and at + len(end) <= len(slug)


class TooManySteps(Exception):
    """The rules need more steps than a judgement may take."""


class Steps:
    """Counts the steps of one judgement."""

    def __init__(self, most: int) -> None:
        self._left = most

    def count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooManySteps


def _applies(rule: Rule, envelope: Envelope, risk: Risk, account: Account | None, steps: Steps) -> bool:
    """Whether the rule matches. A value that cannot be compared, such as an amount as text, counts as a match."""
    return (
        matches_pattern(rule.tools, envelope.tool_slug)
        and (not rule.risks or risk in rule.risks)
        and (rule.account is None or rule.account in account_ids(envelope, account))
        and all(
            any(
                meets_condition(condition, value) is not False
                for value in _values_at(envelope.arguments, condition.argument.split("."), steps)
            )
            for condition in rule.arguments
        )
    )


def account_ids(envelope: Envelope, account: Account | None) -> Iterable[str]:
    """The account that the envelope names, and the account that is used."""
    named = [] if envelope.connected_account_id is None else [envelope.connected_account_id]
    return named if account is None else [*named, str(account.id)]


def _values_at(value: Any, path: Sequence[str], steps: Steps) -> Iterator[Any]:
    steps.count()
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _values_at(inner, path, steps)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values_at(value[path[0]], path[1:], steps)


def meets_condition(condition: Condition, value: Any) -> bool | None:
    """Whether the value meets the condition; None if the value cannot be compared."""
    if "one_of" in condition.model_fields_set:
        return isinstance(value, Scalar) and _json_key(value) in condition.accepted
    if "equals" in condition.model_fields_set:
        return isinstance(value, Scalar) and _json_key(value) == _json_key(condition.equals)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if condition.above is not None:
        return value > condition.above
    return condition.below is not None and value < condition.below


def _json_key(value: Scalar) -> tuple[bool, Scalar]:
    """A key that is equal for values that are equal as JSON. (In Python True equals 1; their keys differ.)"""
    return isinstance(value, bool), value


@lru_cache(maxsize=1024)
def _parse_cached(text: bytes) -> ApprovalRules:
    return read(_rules_adapter(), orjson.loads(text), "approval_rules")


@lru_cache(maxsize=1)
def _rules_adapter() -> TypeAdapter[ApprovalRules]:
    return TypeAdapter(ApprovalRules)
