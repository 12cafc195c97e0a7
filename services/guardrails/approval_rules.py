"""Which calls need an approval whatever their trust score, and which need it from two people."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Self

import orjson
from pydantic import Field, TypeAdapter, model_validator

from services.accounts import Account
from services.approvals.digest import call_digest
from services.catalog import Tool
from services.envelope import Envelope, Risk
from services.errors import InvalidInput
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.fields import Document, read, require_list, require_object, rule_error, with_problem

MAX_RULES = 100
MAX_CONDITIONS = 20
TESTS = ("above", "below", "equals", "one_of")
RISKS = tuple(Risk)

NO_RULE = Verdict(guardrail="rules", decision=Decision.ALLOW, reason="No approval rule applies.")
APPROVED = Verdict(guardrail="rules", decision=Decision.ALLOW, reason="A person approved exactly this call.")

Scalar = str | int | float | bool | None
Number = Annotated[Annotated[int | float, Field(allow_inf_nan=False)], with_problem("must be a number, such as 1000")]
Value = Annotated[Scalar, with_problem("must be a text, a number, true, false or null")]
EMPTY = "is empty; list at least one value"
ToolPattern = Annotated[
    Annotated[str, Field(pattern=r"^\S+$", max_length=255)],
    with_problem("is not a tool; write a slug such as STRIPE__refund, or a pattern such as STRIPE__*"),
    Field(description="A tool slug; * stands for any characters.", examples=["STRIPE__*"]),
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
    one_of: Annotated[list[Value], require_list('["EUR", "USD"]', at_most=1000, of="values", if_empty=EMPTY)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _has_one_test(self) -> Self:
        if len(self.model_fields_set & set(TESTS)) != 1:
            raise rule_error(f"needs exactly one of {', '.join(TESTS)}")
        return self


Conditions = Annotated[
    list[Annotated[Condition, require_object('{"argument": "amount", "above": 1000}')]],
    require_list('[{"argument": "amount", "above": 1000}]', at_most=MAX_CONDITIONS, of="conditions"),
    Field(description="All of them must hold."),
]


class Rule(Document):
    """Calls for which every given field holds need an approval."""

    tools: ToolPattern = "*"
    risks: Annotated[list[RiskName], require_list('["high"]')] = Field(default_factory=list)
    account: AccountId | None = None
    arguments: Conditions = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise rule_error('is empty; write {"tools": "*"} to require an approval for every call')
        return self


class ApprovalRules(Document):
    """When people decide, beside the trust score."""

    two_people: Annotated[
        list[RiskName],
        require_list('["high"]'),
        Field(description="Risks whose calls two different people have to approve.", examples=[["high"]]),
    ] = Field(default_factory=list)
    require: Annotated[
        list[Annotated[Rule, require_object('{"tools": "STRIPE__*"}')]],
        require_list('[{"tools": "STRIPE__*"}]', at_most=MAX_RULES, of="rules"),
        Field(description="A call that one of these rules matches needs an approval."),
    ] = Field(default_factory=list)


def judge_rules(
    envelope: Envelope, settings: GuardrailSettings, tool: Tool | None = None, account: Account | None = None
) -> Verdict:
    """Does a rule require an approval, and has nobody approved exactly this call? Unreadable rules require one."""
    if not settings.approval_rules:
        return NO_RULE
    try:
        rules = _parsed(orjson.dumps(settings.approval_rules, default=dict))
    except InvalidInput as exc:
        matched = f"approval_rules cannot be read ({exc})"
    else:
        number = next((n for n, rule in enumerate(rules.require) if _applies(rule, envelope, account)), None)
        if number is None:
            return NO_RULE
        matched = f"approval_rules.require[{number}] applies to the call"
    if envelope.approved_digest is not None and envelope.approved_digest == call_digest(envelope, tool, account):
        return APPROVED
    return Verdict(
        guardrail="rules", decision=Decision.NEEDS_APPROVAL, reason=f"{matched}: a person has to approve it."
    )


def matches_pattern(pattern: str, slug: str) -> bool:
    """Whether the tool is one that the pattern names."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), slug, re.DOTALL) is not None


def check_argument(condition: Condition, arguments: Mapping[str, Any]) -> list[bool | None]:
    """The result for each value at the path: None if it cannot be compared. Empty if there is no such argument."""
    return [_test(condition, value) for value in _values_at(arguments, condition.argument.split("."))]


def _applies(rule: Rule, envelope: Envelope, account: Account | None) -> bool:
    """Whether the rule matches. A value that cannot be compared, such as an amount as text, counts as a match."""
    return (
        matches_pattern(rule.tools, envelope.tool_slug)
        and (not rule.risks or envelope.risk in rule.risks)
        and (rule.account is None or rule.account in account_ids(envelope, account))
        and all(
            any(result is not False for result in check_argument(condition, envelope.arguments))
            for condition in rule.arguments
        )
    )


def account_ids(envelope: Envelope, account: Account | None) -> Iterable[str]:
    """The account that the envelope names, and the one that is used."""
    named = [] if envelope.connected_account_id is None else [envelope.connected_account_id]
    return named if account is None else [*named, str(account.id)]


def _values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _values_at(inner, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values_at(value[path[0]], path[1:])


def _test(condition: Condition, value: Any) -> bool | None:
    if "one_of" in condition.model_fields_set:
        return any(_is_same(value, each) for each in condition.one_of)
    if "equals" in condition.model_fields_set:
        return _is_same(value, condition.equals)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if condition.above is not None:
        return value > condition.above
    return condition.below is not None and value < condition.below


def _is_same(value: Any, other: Scalar) -> bool:
    """As JSON: true is not 1."""
    return value == other and isinstance(value, bool) == isinstance(other, bool)


@lru_cache(maxsize=1024)
def _parsed(text: bytes) -> ApprovalRules:
    return read(_adapter(), orjson.loads(text), "approval_rules")


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ApprovalRules]:
    return TypeAdapter(ApprovalRules)
