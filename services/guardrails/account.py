"""Is the account of the call connected?"""

from collections.abc import Sequence
from datetime import datetime

from services.accounts import HEALTHY_STATUSES, Account, AccountStatus
from services.catalog import Tool
from services.envelope import Envelope
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.recheck import park
from services.guardrails.scopes import not_granted, toolkit

CONNECTED_VERDICT = Verdict(guardrail="account", decision=Decision.ALLOW, reason="The account is connected.")
NOT_NEEDED = Verdict(guardrail="account", decision=Decision.ALLOW, reason="The tool needs no account.")


def account_for(envelope: Envelope, tool: Tool, policy: Policy) -> Account | None:
    """The account that the call must use: the one that the envelope names, else the best of the tool's toolkit.

    Healthy accounts come before others. Of two accounts that are alike in this, the one with every required scope comes
    first; of equal accounts the first is used. None if there is no such account, or if the envelope names none and the
    tool requires no scope.
    """
    if (account_id := envelope.connected_account_id) is not None:
        return next((account for account in policy.accounts if str(account.id) == account_id), None)
    if not tool.required_scopes:
        return None
    return _best_account(tool, policy.accounts)


def _best_account(tool: Tool, accounts: Sequence[Account]) -> Account | None:
    providers = {toolkit(tool.tool_slug).casefold(), tool.provider.casefold()}
    candidates = [account for account in accounts if account.provider.casefold() in providers]
    return max(
        candidates,
        key=lambda account: (account.status in HEALTHY_STATUSES, not not_granted(tool.required_scopes, account)),
        default=None,
    )


def judge_account(envelope: Envelope, tool: Tool, account: Account | None, now: datetime) -> Verdict:
    """The verdict on `account`, the result of `account_for`."""
    if account is not None:
        return _judge_status(account, now, is_named=envelope.connected_account_id is not None)
    if envelope.connected_account_id is not None:
        return _deny("The tenant has no such connected account: propose again with the id of a connected account.")
    if not tool.required_scopes:
        return NOT_NEEDED
    return park("account", f"No {toolkit(tool.tool_slug)} account is connected: connect one.", now)


def _judge_status(account: Account, now: datetime, *, is_named: bool) -> Verdict:
    if account.unreadable:
        problem = f"The {account.provider} account cannot be read ({account.unreadable})"
        return park("account", f"{problem}: save the account again.", now)
    if account.status in HEALTHY_STATUSES:
        return CONNECTED_VERDICT
    if account.status == AccountStatus.REVOKED and is_named:
        remedy = "connect another account, and propose the call again with the id of that account"
        return _deny(f"The {account.provider} account was revoked: {remedy}.")
    return park("account", f"The {account.provider} account is {account.status}: reconnect it.", now)


def _deny(reason: str) -> Verdict:
    return Verdict(guardrail="account", decision=Decision.DENY, reason=reason)
