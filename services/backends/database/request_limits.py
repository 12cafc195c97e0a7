"""Count requests of the API in the database."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.backends.functions import Functions
from services.request_limits import Quota, RequestLimits, RequestQuotas


class DatabaseRequestCounter:
    """See `services.request_limits.RequestCounter`."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    async def take(self, tenant: UUID, caller: str, limits: RequestLimits) -> RequestQuotas:
        answer = await self._functions.call(
            "take_request", tenant=tenant, caller=caller, tenant_limit=limits.tenant, caller_limit=limits.caller,
            as_of=self._functions.as_of(),
        )  # fmt: skip
        return RequestQuotas(caller=_quota_from_values(answer["caller"]), tenant=_quota_from_values(answer["tenant"]))


def _quota_from_values(values: Sequence[Any] | None) -> Quota | None:
    return None if values is None else Quota(*values)
