"""Grants in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.get_grant import get_grant
from services.backends.memory.worker_api.issue_grant import issue_grant
from services.backends.memory.worker_api.list_grant_uses import list_grant_uses
from services.backends.memory.worker_api.list_grants import list_grants
from services.backends.memory.worker_api.revoke_grant import revoke_grant
from services.envelope import Actor
from services.grants import Grant, GrantUse


class MemoryGrants:
    """See `services.grants.Grants`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list_grants(self, tenant: UUID, *, ended: bool = False) -> list[Grant]:
        return list_grants(self._state, tenant, ended=ended)

    async def get(self, tenant: UUID, id: UUID) -> Grant:  # noqa: A002
        return get_grant(self._state, tenant, id)

    async def list_uses(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> list[GrantUse]:
        return list_grant_uses(self._state, tenant, id, limit=limit, after=after)

    async def issue(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        tools: str,
        account_id: UUID | None,
        arguments: Sequence[Mapping[str, Any]],
        reason: str | None,
        lasts_for: timedelta,
        actor: Actor,
    ) -> Grant:
        return issue_grant(
            self._state, tenant, id, tools=tools, account_id=account_id, arguments=arguments, reason=reason,
            lasts_for=lasts_for, actor=actor,
        )  # fmt: skip

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor, reason: str | None) -> Grant:  # noqa: A002
        return revoke_grant(self._state, tenant, id, actor=actor, reason=reason)
