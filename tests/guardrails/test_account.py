"""The account guardrail, for each status of the account."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.accounts import Account
from services.guardrails import Decision, Verdict
from services.guardrails.account import account_for
from services.guardrails.judge import judge
from services.guardrails.recheck import RECHECK_AFTER
from tests.builders import NOW, a_policy, a_tool, an_account, an_envelope

ALLOW, HOLD, DENY = Decision.ALLOW, Decision.HOLD, Decision.DENY
NEEDY = a_tool(required_scopes=("SLACK.CHAT:WRITE",))


def verdict_of(accounts: Sequence[Account], *, tool: Any = NEEDY, **envelope: Any) -> Verdict:
    verdicts = judge(an_envelope(**envelope), tool, a_policy(accounts=tuple(accounts)), NOW).verdicts
    return next(verdict for verdict in verdicts if verdict.guardrail == "account")


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        ("connected", ALLOW),
        ("expiring", ALLOW),
        ("pending", HOLD),
        ("expired", HOLD),
        ("error", HOLD),
        ("a word from a newer version", HOLD),
        ("revoked", DENY),
    ],
)
def test_a_named_account_decides_by_its_status(status: str, decision: Decision) -> None:
    account = an_account(status=status)
    verdict = verdict_of([account], connected_account_id=str(account.id))
    assert (verdict.decision, verdict.until) == (decision, NOW + RECHECK_AFTER if decision is HOLD else None)


def test_a_broken_account_says_reconnect() -> None:
    account = an_account(status="expired")
    assert (
        verdict_of([account], connected_account_id=str(account.id)).reason
        == "The slack account is expired: reconnect it."
    )


@pytest.mark.parametrize("name", ["99999999-9999-4999-8999-999999999999", "slack", ""])
def test_an_account_that_the_tenant_does_not_have_is_denied(name: str) -> None:
    assert verdict_of([an_account()], connected_account_id=name).decision is DENY
    assert verdict_of([an_account()], tool=a_tool(), connected_account_id=name).decision is DENY


def test_a_named_account_may_belong_to_another_provider() -> None:
    account = an_account(provider="composio")
    assert verdict_of([account], connected_account_id=str(account.id)).decision is ALLOW


def test_a_named_account_is_not_replaced_by_a_healthy_one() -> None:
    broken = an_account(status="error")
    assert verdict_of([an_account(), broken], connected_account_id=str(broken.id)).decision is HOLD


def test_a_tool_without_scopes_needs_no_account() -> None:
    verdict = verdict_of([], tool=a_tool())
    assert (verdict.decision, verdict.reason) == (ALLOW, "The tool needs no account.")
    assert verdict_of([an_account(status="revoked")], tool=a_tool()).decision is ALLOW


@pytest.mark.parametrize(
    ("accounts", "decision"),
    [
        ([an_account()], ALLOW),
        ([an_account(provider="Slack")], ALLOW),
        ([an_account(provider="HTTP")], ALLOW),
        ([an_account(status="expired"), an_account(status="expiring")], ALLOW),
        ([an_account(status="expired"), an_account(status="error")], HOLD),
        ([an_account(status="revoked")], HOLD),
        ([an_account(provider="gmail")], HOLD),
        ([], HOLD),
    ],
)
def test_without_a_named_account_any_healthy_account_of_the_toolkit_is_used(
    accounts: list[Account], decision: Decision
) -> None:
    verdict = verdict_of(accounts)
    assert (verdict.decision, verdict.until) == (decision, NOW + RECHECK_AFTER if decision is HOLD else None)


def test_without_an_account_of_the_toolkit_the_reason_says_connect_one() -> None:
    assert verdict_of([an_account(provider="gmail")]).reason == "No SLACK account is connected: connect one."


def test_the_call_uses_the_account_that_grants_the_most_scopes() -> None:
    poor, rich, broken = an_account(scopes=("SLACK.USERS",)), an_account(), an_account(status="error")
    policy = a_policy(accounts=(broken, poor, rich, an_account()))
    assert account_for(an_envelope(), NEEDY, policy) == rich
    assert account_for(an_envelope(), NEEDY, a_policy(accounts=(broken, poor))) == poor
    assert account_for(an_envelope(connected_account_id=str(broken.id)), NEEDY, policy) == broken
