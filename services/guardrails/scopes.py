"""Is every scope the tool needs granted by the account and allowed by the tenant?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.accounts import Account
from services.catalog import Tool
from services.guardrails import Decision, GuardrailSettings, Verdict
from services.guardrails.recheck import park

COVERED = Verdict(guardrail="scopes", decision=Decision.ALLOW, reason="Every scope is granted and allowed.")


def judge_scopes(tool: Tool, account: Account | None, settings: GuardrailSettings, now: datetime) -> Verdict:
    """The tenant's no is final; what the account lacks can be granted, so that waits for a person."""
    if settings.scopes:
        allowed: Any = settings.scopes.get("allowed")
        if not _is_list_of_names(allowed):
            return park("scopes", "The guardrails' scopes.allowed is not a list of scopes: write it again.", now)
        if forbidden := _not_covered(tool.required_scopes or (toolkit(tool.tool_slug),), allowed):
            reason = (
                f"The tenant does not allow {', '.join(forbidden)}: add it to the guardrails' scopes.allowed first."
            )
            return Verdict(guardrail="scopes", decision=Decision.DENY, reason=reason)
    if missing := not_granted(tool.required_scopes, account):
        return park("scopes", f"No account grants {', '.join(missing)}: reconnect the account with that scope.", now)
    return COVERED


def not_granted(required: tuple[str, ...], account: Account | None) -> list[str]:
    """The scopes that the account lacks; an account that lists none grants none."""
    return _not_covered(required, () if account is None else account.scopes)


def covers(entry: str, scope: str) -> bool:
    """Whether `entry` is the scope or a whole part of its front, in any case of letters.

    `SLACK` and `SLACK.CHAT` cover `SLACK.CHAT:WRITE`. An entry with a colon is a whole scope and covers only itself:
    `SLACK.CHAT:WRITE` must not bring `SLACK.CHAT:WRITE.PUBLIC` along.
    """
    entry, scope = entry.casefold(), scope.casefold()
    return scope == entry or (":" not in entry and scope.startswith((f"{entry}.", f"{entry}:")))


def toolkit(slug: str) -> str:
    """`SLACK` of `SLACK__chat.post`."""
    return slug.partition("__")[0]


def _not_covered(scopes: Sequence[str], entries: Sequence[str]) -> list[str]:
    return [scope for scope in scopes if not any(covers(entry, scope) for entry in entries)]


def _is_list_of_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value)
