"""Is the account that the call runs under connected?"""

from collections.abc import Sequence
from datetime import datetime

from services.accounts import HEALTHY, Account, AccountStatus
from services.catalog import Tool
from services.envelope import Envelope
from services.guardrails import Decision, Policy, Verdict
from services.guardrails.recheck import park
from services.guardrails.scopes import not_granted, toolkit

CONNECTED = Verdict(guardrail="account", decision=Decision.ALLOW, reason="The account is connected.")
NOT_NEEDED = Verdict(guardrail="account", decision=Decision.ALLOW, reason="The tool needs no account.")


def account_for(envelope: Envelope, tool: Tool, policy: Policy) -> Account | None:
    """The account the call is judged under, and has to run under: the one it names, else the best of its toolkit.

    Best is healthy with every scope, then healthy, then any; among equals the first. None when there is none, or when
    the envelope names none and the tool asks for no scope.
    """
    if (named := envelope.connected_account_id) is not None:
        return next((account for account in policy.accounts if str(account.id) == named), None)
    if not tool.required_scopes:
        return None
    return _best(tool, policy.accounts)


def _best(tool: Tool, accounts: Sequence[Account]) -> Account | None:
    makers = {toolkit(tool.tool_slug).casefold(), tool.provider.casefold()}
    fitting = [account for account in accounts if account.provider.casefold() in makers]
    return max(
        fitting,
        key=lambda account: (account.status in HEALTHY, not not_granted(tool.required_scopes, account)),
        default=None,
    )


def judge_account(envelope: Envelope, tool: Tool, account: Account | None, now: datetime) -> Verdict:
    """`account` is what `account_for` found."""
    if account is not None:
        return _judge_status(account, now, named=envelope.connected_account_id is not None)
    if envelope.connected_account_id is not None:
        return _deny("The tenant has no such connected account: propose again with the id of one it has.")
    if not tool.required_scopes:
        return NOT_NEEDED
    return park("account", f"No {toolkit(tool.tool_slug)} account is connected: connect one.", now)


def _judge_status(account: Account, now: datetime, *, named: bool) -> Verdict:
    if account.unreadable:
        return park(
            "account", f"The {account.provider} account cannot be read ({account.unreadable}): write it again.", now
        )
    if account.status in HEALTHY:
        return CONNECTED
    if account.status == AccountStatus.REVOKED and named:
        return _deny(f"The {account.provider} account was revoked: connect another and propose again with its id.")
    return park("account", f"The {account.provider} account is {account.status}: reconnect it.", now)


def _deny(reason: str) -> Verdict:
    return Verdict(guardrail="account", decision=Decision.DENY, reason=reason)
