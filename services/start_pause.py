"""Pause the calls of a tool, through an account, or of an agent."""

from datetime import datetime
from uuid import UUID

from services.backends import Backends
from services.catalog import ToolKey
from services.envelope import Actor
from services.errors import NotFound
from services.pauses import Pause, PauseKind


async def start_pause(
    backends: Backends,
    tenant: UUID,
    kind: PauseKind,
    target: str,
    *,
    reason: str | None,
    ends_at: datetime | None,
    actor: Actor,
) -> Pause:
    """Start a pause, or replace its reason and end.

    Raises NotFound for an unknown tool or account, because a pause with a misspelled name would stop nothing; and
    InvalidInput. The name of an agent is not checked, because agents have no records.
    """
    if kind is PauseKind.TOOL and not await backends.catalog.find([ToolKey(tenant, target, None)]):
        raise NotFound("tool", target, field="target")
    if kind is PauseKind.ACCOUNT:
        target = target.lower()
        if all(str(account.id) != target for account in await backends.accounts.list_accounts(tenant)):
            raise NotFound("account", target, field="target")
    return await backends.pauses.start(tenant, kind, target, reason=reason, ends_at=ends_at, actor=actor)
