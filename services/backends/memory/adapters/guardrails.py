"""Guardrails in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.backends.memory.state import State
from services.backends.memory.worker_api.hold_rate_bucket import hold_rate_bucket
from services.backends.memory.worker_api.list_guardrail_versions import list_guardrail_versions
from services.backends.memory.worker_api.read_policies import read_policies
from services.backends.memory.worker_api.read_stamps import read_stamps
from services.backends.memory.worker_api.save_guardrails import save_guardrails
from services.backends.memory.worker_api.take_rate_tokens import take_rate_tokens
from services.envelope import Actor
from services.guardrails import GuardrailSettings, GuardrailVersion, Policy, RateGrant, RateRequest
from services.stamps import Stamps


class MemoryGuardrails:
    """See `services.guardrails.Guardrails`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def policies(self, tenants: Iterable[UUID]) -> dict[UUID, Policy]:
        return read_policies(self._state, tenants)

    async def stamps(self, tenant: UUID, tool_slugs: Iterable[str]) -> Stamps:
        return read_stamps(self._state, tenant, tool_slugs)

    async def save(self, settings: GuardrailSettings, *, actor: Actor, replaces: int | None = None) -> None:
        save_guardrails(self._state, settings, actor=actor, replaces=replaces)

    async def list_versions(self, tenant: UUID, *, limit: int, version: int | None = None) -> list[GuardrailVersion]:
        return list_guardrail_versions(self._state, tenant, limit=limit, version=version)

    async def take_rate_tokens(self, requests: Sequence[RateRequest]) -> dict[tuple[UUID, str], RateGrant]:
        return take_rate_tokens(self._state, requests)

    async def hold_bucket(self, request: RateRequest, *, until: datetime) -> None:
        hold_rate_bucket(self._state, request, until=until)
