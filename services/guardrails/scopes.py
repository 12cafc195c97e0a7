"""Does the account grant, and the tenant allow, every scope that the tool requires?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.accounts import Account
from services.catalog import Tool
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.recheck import park

COVERED_VERDICT = Verdict(guardrail="scopes", decision=Decision.ALLOW, reason="Every scope is granted and allowed.")


def judge_scopes(tool: Tool, account: Account | None, settings: GuardrailSettings, now: datetime) -> Verdict:
    """Deny the call if the tenant forbids a scope. Park it if the account lacks one: people can still grant it."""
    if (verdict := judge_allowed_scopes(tool, settings, now)).decision is not Decision.ALLOW:
        return verdict
    if missing := not_granted(tool.required_scopes, account):
        return park("scopes", f"No account grants {', '.join(missing)}: reconnect the account with that scope.", now)
    return COVERED_VERDICT


def judge_allowed_scopes(tool: Tool, settings: GuardrailSettings, now: datetime) -> Verdict:
    """The verdict on the scopes that the tenant allows; the scopes of accounts are not checked."""
    if not settings.scopes:
        return COVERED_VERDICT
    allowed: Any = settings.scopes.get("allowed")
    if not _is_list_of_strings(allowed):
        return park("scopes", "The guardrails' scopes.allowed is not a list of scopes: correct it.", now)
    if forbidden := _not_covered(tool.required_scopes or (toolkit(tool.tool_slug),), allowed):
        reason = f"The tenant does not allow {', '.join(forbidden)}: add it to the guardrails' scopes.allowed first."
        return Verdict(guardrail="scopes", decision=Decision.DENY, reason=reason)
    return COVERED_VERDICT


def not_granted(required: tuple[str, ...], account: Account | None) -> list[str]:
    """The required scopes that the account does not grant."""
    return _not_covered(required, () if account is None else account.scopes)


def covers(entry: str, scope: str) -> bool:
    """Whether `entry` is the scope or one of its prefixes. Upper and lower case are equal.

    `SLACK` and `SLACK.CHAT` cover `SLACK.CHAT:WRITE`. An entry with a colon covers only itself: `SLACK.CHAT:WRITE` must
    not cover `SLACK.CHAT:WRITE.PUBLIC`.
    """
    entry, scope = entry.casefold(), scope.casefold()
    return scope == entry or (":" not in entry and scope.startswith((f"{entry}.", f"{entry}:")))


def toolkit(slug: str) -> str:
    """The toolkit of a slug: `SLACK` for `SLACK__chat.post`."""
    return slug.partition("__")[0]


def _not_covered(scopes: Sequence[str], entries: Sequence[str]) -> list[str]:
    return [scope for scope in scopes if not any(covers(entry, scope) for entry in entries)]


def _is_list_of_strings(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value)
