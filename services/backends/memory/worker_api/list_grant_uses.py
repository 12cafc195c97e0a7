"""The calls that a grant allowed."""

from dataclasses import replace
from uuid import UUID

from services.backends.memory.state import State
from services.grants import GrantUse
from services.outbox import PageEnd


def list_grant_uses(state: State, tenant: UUID, grant: UUID, *, limit: int, after: PageEnd | None) -> list[GrantUse]:
    """See `services.grants.Grants.list_uses`."""
    uses = [
        use
        for use in state.grant_uses.values()
        if (use.tenant_id, use.grant_id) == (tenant, grant)
        and (after is None or (use.used_at, use.envelope_id) < after)
    ]
    uses.sort(key=lambda use: (use.used_at, use.envelope_id), reverse=True)
    return [_with_call(state, use) for use in uses[:limit]]


def _with_call(state: State, use: GrantUse) -> GrantUse:
    key = use.tenant_id, use.envelope_id
    envelope = state.outbox.get(key) or state.dead_letters.get(key)
    if envelope is None:
        return use
    return replace(use, tool_slug=envelope.tool_slug, external_id=envelope.external_id)
