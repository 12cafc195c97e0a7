"""Request limits in memory."""

from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.take_request import take_request
from services.request_limits import RequestLimits, RequestQuotas


class MemoryRequestCounter:
    """See `services.request_limits.RequestCounter`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(self, tenant: UUID, caller: str, limits: RequestLimits) -> RequestQuotas:
        return take_request(self._state, tenant, caller, limits)
