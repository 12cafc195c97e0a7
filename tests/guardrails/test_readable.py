"""Unreadable rows hold the envelopes that need them, and the reason names what to correct."""

from dataclasses import replace

from services.guardrails import Decision
from services.guardrails.judge import judge, strictest
from services.guardrails.recheck import RECHECK_AFTER
from tests.builders import NOW, a_policy, a_tool, an_account, an_envelope


def test_an_unreadable_envelope_tool_or_policy_holds_and_no_other_guardrail_is_asked() -> None:
    envelope, tool, policy = an_envelope(), a_tool(), a_policy(accounts=(an_account(),))
    spoilt = [
        (
            "The envelope",
            judge(replace(envelope, unreadable="arguments is no JSON object"), tool, policy, NOW).verdicts,
        ),
        ("The tenant's rules", judge(envelope, tool, replace(policy, unreadable="scopes is nested"), NOW).verdicts),
        ("The tool", judge(envelope, replace(tool, unreadable="schema is no JSON object"), policy, NOW).verdicts),
    ]
    for whose, (verdict,) in spoilt:
        assert (verdict.guardrail, verdict.decision, verdict.until) == ("readable", Decision.HOLD, NOW + RECHECK_AFTER)
        assert verdict.reason.startswith(f"{whose} cannot be read, so it waits: ")


def test_an_unreadable_account_holds_the_calls_that_use_it() -> None:
    account = an_account(unreadable="metadata is no JSON object")
    envelope = an_envelope(connected_account_id=str(account.id))

    verdict = strictest(judge(envelope, a_tool(), a_policy(accounts=(account,)), NOW).verdicts)

    assert (verdict.guardrail, verdict.decision) == ("account", Decision.HOLD)
    assert "metadata is no JSON object" in verdict.reason
