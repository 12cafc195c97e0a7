"""Is the tenant, the tool, the account or the agent of the call paused?"""

from collections.abc import Iterator
from datetime import UTC, datetime

from services.accounts import Account
from services.envelope import Envelope
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.recheck import park
from services.pauses import Pause, PauseKind

NOT_PAUSED = Verdict(guardrail="paused", decision=Decision.ALLOW, reason="The tenant is not paused.")


def judge_paused(envelope: Envelope, account: Account | None, policy: Policy, now: datetime) -> Verdict:
    """The verdict of a pause of the whole tenant, else of the matching pause that ends last."""
    if policy.paused_at is not None and (policy.pause_ends_at is None or policy.pause_ends_at > now):
        since = f"{_time_text(policy.paused_at)}{_reason_text(policy.paused_reason)}"
        return _hold(f"The tenant has been paused since {since}", policy.pause_ends_at, "resume the tenant", now)
    matching = list(_matching_pauses(envelope, account, policy, now))
    if not matching:
        return NOT_PAUSED
    pause = max(matching, key=lambda pause: (pause.ends_at is None, pause.ends_at or now))
    since = f"{_time_text(pause.started_at)}{_reason_text(pause.reason)}"
    return _hold(f"The {pause.kind} {pause.target} has been paused since {since}", pause.ends_at, "end the pause", now)


def _hold(statement: str, ends_at: datetime | None, remedy: str, now: datetime) -> Verdict:
    if ends_at is None:
        return park("paused", f"{statement}: {remedy} to execute the call.", now)
    reason = f"{statement}. The pause ends at {_time_text(ends_at)}; to execute the call earlier, {remedy}."
    return Verdict(guardrail="paused", decision=Decision.HOLD, reason=reason, until=ends_at)


def _matching_pauses(envelope: Envelope, account: Account | None, policy: Policy, now: datetime) -> Iterator[Pause]:
    if not policy.pauses:
        return
    account_id = envelope.connected_account_id if account is None else str(account.id)
    targets = {PauseKind.TOOL: envelope.tool_slug, PauseKind.ACCOUNT: account_id, PauseKind.AGENT: envelope.proposer_id}
    for pause in policy.pauses:
        if pause.target == targets[pause.kind] and (pause.ends_at is None or pause.ends_at > now):
            yield pause


def _time_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _reason_text(reason: str | None) -> str:
    return f" ({reason})" if reason else ""
