"""Scopes: granted by the account, and allowed by the tenant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.guardrails import Decision, Verdict
from services.guardrails.judge import judge
from services.guardrails.recheck import RECHECK_AFTER
from services.guardrails.scopes import covers
from tests.builders import NOW, a_policy, a_tool, an_account, an_envelope

ALLOW, HOLD, DENY = Decision.ALLOW, Decision.HOLD, Decision.DENY
WRITE = "SLACK.CHAT:WRITE"


def verdict_of(*, required: tuple[str, ...], granted: tuple[str, ...] = ("SLACK",), scopes: Any = None) -> Verdict:
    policy = a_policy(accounts=(an_account(scopes=granted),), scopes={} if scopes is None else scopes)
    verdicts = judge(an_envelope(), a_tool(required_scopes=required), policy, NOW).verdicts
    return next(verdict for verdict in verdicts if verdict.guardrail == "scopes")


@pytest.mark.parametrize(
    ("entry", "scope", "covered"),
    [
        ("SLACK", "SLACK.CHAT:WRITE", True),
        ("slack", "SLACK.CHAT:WRITE", True),
        ("SLACK.CHAT", "slack.chat:write", True),
        ("SLACK.CHAT:WRITE", "SLACK.CHAT:WRITE", True),
        ("SLACK", "SLACK", True),
        ("SLACK.CHAT:WRITE", "SLACK.CHAT:READ", False),
        ("SLACK.CHAT:WRITE", "SLACK.CHAT:WRITE.PUBLIC", False),
        ("SLACK.CHAT:WRITE", "SLACK", False),
        ("SLACK.CHAT", "SLACK.CHATTER:READ", False),
        ("SLACK", "SLACKER.CHAT:WRITE", False),
        ("GMAIL", "SLACK.CHAT:WRITE", False),
        ("", "SLACK", False),
    ],
)
def test_a_scope_covers_itself_and_the_scopes_that_begin_with_it(entry: str, scope: str, covered: bool) -> None:
    assert covers(entry, scope) is covered


@given(parts=st.lists(st.text("ABCDEFG", min_size=1, max_size=4), min_size=1, max_size=4), action=st.text("XYZ"))
def test_a_scope_is_covered_by_whole_leading_parts_only(parts: list[str], action: str) -> None:
    scope = ".".join(parts) + f":{action}"
    whole = {".".join(parts[:length]) for length in range(1, len(parts) + 1)} | {scope}
    assert {scope[:length] for length in range(len(scope) + 1) if covers(scope[:length], scope)} == whole


@pytest.mark.parametrize(
    ("required", "granted", "decision"),
    [
        ((), (), ALLOW),
        ((WRITE,), (WRITE,), ALLOW),
        ((WRITE,), ("slack",), ALLOW),
        ((WRITE, "SLACK.USERS:READ"), (WRITE, "SLACK.USERS:READ"), ALLOW),
        ((WRITE, "SLACK.USERS:READ"), (WRITE,), HOLD),
        ((WRITE,), (), HOLD),
    ],
)
def test_the_account_must_grant_every_scope(
    required: tuple[str, ...], granted: tuple[str, ...], decision: Decision
) -> None:
    verdict = verdict_of(required=required, granted=granted)
    assert (verdict.decision, verdict.until) == (decision, NOW + RECHECK_AFTER if decision is HOLD else None)


def test_a_missing_grant_says_which_scope() -> None:
    verdict = verdict_of(required=(WRITE, "SLACK.USERS:READ"), granted=(WRITE,))
    assert verdict.reason == "No account grants SLACK.USERS:READ: reconnect the account with that scope."


def test_without_an_account_nothing_is_granted() -> None:
    verdicts = judge(an_envelope(), a_tool(required_scopes=(WRITE,)), a_policy(), NOW).verdicts
    assert [verdict.decision for verdict in verdicts if verdict.guardrail == "scopes"] == [HOLD]


@pytest.mark.parametrize(
    ("required", "scopes", "decision"),
    [
        ((WRITE,), {}, ALLOW),
        ((WRITE,), {"note": "no list of allowed scopes"}, HOLD),
        ((WRITE,), {"allowed": ["GMAIL", "SLACK"]}, ALLOW),
        ((WRITE,), {"allowed": ["Slack.Chat"]}, ALLOW),
        ((WRITE,), {"allowed": [WRITE]}, ALLOW),
        ((WRITE,), {"allowed": ["GMAIL"]}, DENY),
        ((WRITE,), {"allowed": []}, DENY),
        ((WRITE, "SLACK.USERS:READ"), {"allowed": [WRITE]}, DENY),
        ((), {"allowed": ["slack"]}, ALLOW),
        ((), {"allowed": [WRITE]}, DENY),
        ((), {"allowed": ["GMAIL"]}, DENY),
    ],
)
def test_the_tenant_must_allow_every_scope_or_the_toolkit(
    required: tuple[str, ...], scopes: Any, decision: Decision
) -> None:
    assert verdict_of(required=required, scopes=scopes).decision is decision


def test_a_forbidden_scope_is_denied_even_if_it_is_not_granted() -> None:
    verdict = verdict_of(required=(WRITE,), granted=(), scopes={"allowed": ["GMAIL"]})
    assert verdict.decision is DENY
    assert WRITE in verdict.reason


@pytest.mark.parametrize("allowed", [None, "SLACK", {"SLACK": True}, [1], [None]])
def test_unreadable_allowed_scopes_hold_every_envelope(allowed: Any) -> None:
    assert verdict_of(required=(), scopes={"allowed": allowed}).decision is HOLD
