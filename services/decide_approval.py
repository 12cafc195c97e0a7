"""Show what waits for a person, and take their word on it."""

from dataclasses import replace
from uuid import UUID

from services.approvals import Approval, ApprovalDecision
from services.backends import Backends
from services.catalog import ToolKey
from services.envelope import Actor, Envelope
from services.errors import NotFound
from services.tools.redact import redacted


async def list_approvals(backends: Backends, tenant: UUID | None = None) -> list[Approval]:
    """What waits, the oldest first, without what the tools' schemas call secret. Raises NotFound for no such tenant."""
    if tenant is not None:
        await backends.tenants.get(tenant)  # an unknown tenant is a mistake, not an empty list
    waiting = await backends.approvals.list_open(tenant)
    keys = {a.id: ToolKey(a.envelope.tenant_id, a.envelope.tool_slug, a.envelope.tool_version) for a in waiting}
    tools = await backends.catalog.find(keys.values())
    schemas = {id_: tools[key].schema if key in tools else None for id_, key in keys.items()}
    return [
        replace(a, envelope=replace(a.envelope, arguments=redacted(a.envelope.arguments, schemas[a.id])))
        for a in waiting
    ]


async def decide_approval(
    backends: Backends,
    envelope: UUID,
    *,
    decision: ApprovalDecision,
    digest: str | None,
    reason: str | None,
    actor: Actor,
) -> Envelope:
    """`approved` or `rejected`, about the call with this digest; None means the call as it stands now.

    Raises NotFound where nothing waits, StateConflict when the call has changed or somebody was faster, InvalidInput.
    """
    waiting = await backends.approvals.list_open(envelope=envelope)
    if not waiting:
        raise NotFound("approval", envelope, f"{envelope} has no pending approval", field="envelope")
    tenant, now = waiting[0].envelope.tenant_id, waiting[0].digest
    return await backends.approvals.decide(
        tenant, envelope, decision=decision, digest=digest or now, actor=actor, reason=reason
    )
