"""Which pause holds a call, and until when."""

from datetime import timedelta
from typing import Any

from services.guardrails import Decision
from services.guardrails.paused import judge_paused
from services.guardrails.recheck import RECHECK_AFTER
from services.pauses import Pause, PauseKind
from tests.builders import NOW, TENANT, a_policy, an_account, an_envelope

HOUR = timedelta(hours=1)


def a_pause(**overrides: Any) -> Pause:
    return Pause(
        **{
            "tenant_id": TENANT, "kind": PauseKind.TOOL, "target": "SLACK__chat.post", "started_at": NOW - HOUR,
            "started_by": "olga", "ends_at": NOW + HOUR, "changed_at": NOW - HOUR, **overrides,
        }
    )  # fmt: skip


def test_a_pause_of_the_tool_holds_until_its_end_and_names_it() -> None:
    verdict = judge_paused(an_envelope(), None, a_policy(pauses=(a_pause(reason="posts twice"),)), NOW)
    assert (verdict.decision, verdict.until) == (Decision.HOLD, NOW + HOUR)
    assert verdict.reason == (
        "The tool SLACK__chat.post has been paused since 2026-11-23 11:00 UTC (posts twice)."
        " The pause ends at 2026-11-23 13:00 UTC; to execute the call earlier, end the pause."
    )


def test_a_pause_of_the_tenant_holds_until_its_end_and_names_it() -> None:
    policy = a_policy(paused_at=NOW - HOUR, paused_reason="odd orders", pause_ends_at=NOW + HOUR)
    verdict = judge_paused(an_envelope(), None, policy, NOW)
    assert (verdict.decision, verdict.until) == (Decision.HOLD, NOW + HOUR)
    assert verdict.reason == (
        "The tenant has been paused since 2026-11-23 11:00 UTC (odd orders)."
        " The pause ends at 2026-11-23 13:00 UTC; to execute the call earlier, resume the tenant."
    )
    assert judge_paused(an_envelope(), None, policy, NOW + HOUR).decision is Decision.ALLOW


def test_an_ended_pause_and_one_of_something_else_hold_nothing() -> None:
    pauses = (a_pause(ends_at=NOW), a_pause(target="OTHER__tool"), a_pause(kind=PauseKind.ACCOUNT, target="x"))
    assert judge_paused(an_envelope(), an_account(), a_policy(pauses=pauses), NOW).decision is Decision.ALLOW


def test_the_account_that_the_call_would_use_counts() -> None:
    account = an_account()
    policy = a_policy(pauses=(a_pause(kind=PauseKind.ACCOUNT, target=str(account.id)),))
    assert judge_paused(an_envelope(), account, policy, NOW).decision is Decision.HOLD


def test_the_agent_that_proposed_it_counts() -> None:
    policy = a_policy(pauses=(a_pause(kind=PauseKind.AGENT, target="triage-bot"),))
    held, free = (
        judge_paused(an_envelope(proposed_by=f"agent:{name}"), None, policy, NOW) for name in ("triage-bot", "other")
    )
    assert (held.decision, free.decision) == (Decision.HOLD, Decision.ALLOW)


def test_of_several_pauses_the_one_that_ends_last_is_named() -> None:
    account = an_account()
    without_end = a_pause(kind=PauseKind.ACCOUNT, target=str(account.id), ends_at=None)
    verdict = judge_paused(an_envelope(), account, a_policy(pauses=(a_pause(), without_end)), NOW)
    assert (verdict.until, "The account" in verdict.reason) == (NOW + RECHECK_AFTER, True)
