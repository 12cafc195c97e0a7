"""Call SQL functions over the Data API as one user of one tenant, with that user's JWT."""

from typing import Any
from uuid import UUID

import httpx
from postgrest import AsyncPostgrestClient

from services.backends.database.transport.supabase import RETRY_FOR, SupabaseFunctions
from services.backends.database.transport.tenant import own_call
from services.errors import NoPrivilege, NotAllowed


class TenantRestFunctions:
    """See `transport.functions.Functions` and `transport.tenant.TenantFunctions`."""

    def __init__(self, session: httpx.AsyncClient, url: str, apikey: str, tenant: UUID, jwt: str) -> None:
        self._session = session
        self._url = f"{url}/rest/v1"
        self._headers = {"apikey": apikey, "Authorization": f"Bearer {jwt}"}
        self._tenant = tenant

    def as_of(self) -> None:
        """A tenant cannot choose the time."""
        return

    async def call(self, name: str, /, **arguments: object) -> Any:
        """See `Functions.call`. Raises NotFound if an argument names another tenant."""
        schema, own = own_call(name, self._tenant, arguments)
        client = AsyncPostgrestClient(self._url, schema=schema, headers=self._headers, http_client=self._session)
        try:
            return await SupabaseFunctions(client, None, RETRY_FOR).call(name, **own)
        except NoPrivilege as exc:
            raise NotAllowed(f"{name}: tenants may not do this") from exc
