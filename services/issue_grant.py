"""Issue a grant: allow calls in advance, without an approval of each."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.backends import Backends
from services.catalog import ToolKey
from services.envelope import Actor
from services.errors import InvalidInput, NotFound
from services.grants import MAX_GRANT_TIME, Grant
from services.guardrails.grants import parse_conditions


async def issue_grant(
    backends: Backends,
    tenant: UUID,
    *,
    tools: str,
    account_id: UUID | None,
    arguments: Sequence[Mapping[str, Any]],
    lasts_for: timedelta,
    reason: str | None,
    actor: Actor,
) -> Grant:
    """Add a grant. See `services.guardrails.grants` for what it covers.

    Raises InvalidInput that names the field, NotAllowed if the actor is not a person, and NotFound for an unknown
    tenant, tool or account, because a grant with a misspelled name would cover nothing.
    """
    if not timedelta(0) < lasts_for <= MAX_GRANT_TIME:
        raise InvalidInput("expires_in", f"must be more than 0 and at most {MAX_GRANT_TIME.days} days")
    parse_conditions(arguments)
    if "*" not in tools and not await backends.catalog.find([ToolKey(tenant, tools, None)]):
        raise NotFound("tool", tools, field="tools")
    if account_id is not None:
        accounts = await backends.accounts.list_accounts(tenant)
        if all(account.id != account_id for account in accounts):
            raise NotFound("account", account_id, field="account_id")
    return await backends.grants.issue(
        tenant, uuid4(), tools=tools, account_id=account_id, arguments=arguments, reason=reason,
        lasts_for=lasts_for, actor=actor,
    )  # fmt: skip
