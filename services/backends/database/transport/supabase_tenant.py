"""Call SQL functions over the Data API as one user of one tenant, with that user's JWT."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from postgrest import AsyncPostgrestClient

from services.backends.database.transport.supabase import RETRY_FOR, KeyRejected, SupabaseFunctions
from services.backends.database.transport.tenant import find_call_of_tenant
from services.errors import NoPrivilege, NotAllowed, NotReady


class TenantRestFunctions:
    """See `services.backends.functions.Functions` and `transport.tenant.TenantFunctions`."""

    def __init__(
        self, session: httpx.AsyncClient, url: str, apikey: str, tenant: UUID, find_jwt: Callable[[], str]
    ) -> None:
        self._session = session
        self._url = f"{url}/rest/v1"
        self._apikey = apikey
        self._find_jwt = find_jwt
        self._tenant = tenant

    def as_of(self) -> None:
        """Always None: a tenant cannot choose the time."""
        return

    async def call(self, name: str, /, **arguments: object) -> Any:
        """See `Functions.call`. Raises NotFound if an argument names another tenant."""
        schema, own_name, tenant_arguments = find_call_of_tenant(name, self._tenant, arguments)
        headers = {"apikey": self._apikey, "Authorization": f"Bearer {self._find_jwt()}"}
        client = AsyncPostgrestClient(self._url, headers=headers, http_client=self._session)
        try:
            return await SupabaseFunctions(client, None, RETRY_FOR).call(f"{schema}.{own_name}", **tenant_arguments)
        except KeyRejected as exc:
            raise NotReady(
                f"the Data API rejects the JWT of a tenant's call ({exc.reason}): compare the clocks"
            ) from exc
        except NoPrivilege as exc:
            raise NotAllowed(f"{name}: tenants may not do this") from exc
