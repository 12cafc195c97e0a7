"""List, issue and revoke grants in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.backends.functions import Functions, by
from services.backends.rows.guardrails import GRANT_READER, GRANT_USE_READER
from services.envelope import Actor
from services.errors import NotFound
from services.grants import Grant, GrantUse


class DatabaseGrants:
    """See `services.grants.Grants`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def list_grants(self, tenant: UUID, *, ended: bool = False) -> list[Grant]:
        rows = await self._functions.call("list_grants", tenant=tenant, ended=ended, as_of=self._functions.as_of())
        return [GRANT_READER.read(row) for row in rows]

    async def get(self, tenant: UUID, id: UUID) -> Grant:  # noqa: A002
        row = await self._functions.call("get_grant", tenant=tenant, id=id)
        if row is None:
            raise NotFound("grant", id)
        return GRANT_READER.read(row)

    async def list_uses(
        self,
        tenant: UUID,
        id: UUID,  # noqa: A002
        *,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> list[GrantUse]:
        moment, last = after or (None, None)
        rows = await self._functions.call(
            "list_grant_uses", tenant=tenant, id=id, max_rows=limit, before_used_at=moment, before_id=last
        )
        return [GRANT_USE_READER.read(row) for row in rows]

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
        row = await self._functions.call(
            "issue_grant", tenant=tenant, id=id, tools=tools, account_id=account_id, arguments=arguments,
            reason=reason, lasts_for=lasts_for, **by(actor), as_of=self._functions.as_of(),
        )  # fmt: skip
        return GRANT_READER.read(row)

    async def revoke(self, tenant: UUID, id: UUID, *, actor: Actor, reason: str | None) -> Grant:  # noqa: A002
        row = await self._functions.call(
            "revoke_grant", tenant=tenant, id=id, **by(actor), reason=reason, as_of=self._functions.as_of()
        )
        return GRANT_READER.read(row)
