"""List the pending approvals, and store a person's decision on one."""

from dataclasses import replace
from uuid import UUID

from services.approvals import GIVEN_BY_PEOPLE, Approval, ApprovalDecision, RejectionCode
from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.envelope import Actor, Envelope
from services.errors import InvalidInput, NotFound
from services.tools.redact import redacted


async def list_approvals(backends: Backends, tenant: UUID | None = None) -> list[Approval]:
    """The pending approvals, oldest first, with secret arguments redacted. Raises NotFound for an unknown tenant."""
    if tenant is not None:
        await backends.tenants.get(tenant)  # raises for an unknown tenant
    pending = await backends.approvals.list_open(tenant)
    keys = [_tool_key(approval.envelope) for approval in pending]
    tools = await backends.catalog.find(keys)
    return [_redact(approval, tools.get(key)) for approval, key in zip(pending, keys, strict=True)]


async def decide_approval(
    backends: Backends,
    envelope: UUID,
    *,
    tenant: UUID | None = None,
    decision: ApprovalDecision,
    digest: str | None,
    reason: str | None,
    actor: Actor,
    code: RejectionCode | None = None,
) -> Envelope:
    """Approve or reject the call with this digest; None means the call as it is now. A rejection needs a code.

    `tenant` may be left out as long as only one tenant has an envelope of this id. Raises NotFound without a pending
    approval, NotAllowed if an agent or the proposer approves, DecisionConflict if the call has changed or was decided
    meanwhile, and InvalidInput.
    """
    if code is not None and code not in GIVEN_BY_PEOPLE:
        raise InvalidInput("code", f"is not one of {', '.join(sorted(GIVEN_BY_PEOPLE))}")
    if code is RejectionCode.ANSWERED and not reason:
        raise InvalidInput("reason", "is required, because it is the answer that the agent receives")
    if tenant is None or digest is None:
        pending = await backends.approvals.list_open(tenant, envelope=envelope)
        if not pending:
            raise NotFound("approval", envelope, f"{envelope} has no pending approval", field="envelope")
        if len(pending) > 1:
            raise InvalidInput("tenant", f"is required, because {len(pending)} tenants have an envelope {envelope}")
        tenant, digest = pending[0].envelope.tenant_id, digest or pending[0].digest
    return await backends.approvals.decide(
        tenant, envelope, decision=decision, digest=digest, actor=actor, reason=reason, code=code
    )


def _tool_key(envelope: Envelope) -> ToolKey:
    return ToolKey(envelope.tenant_id, envelope.tool_slug, envelope.tool_version)


def _redact(approval: Approval, tool: Tool | None) -> Approval:
    arguments = redacted(approval.envelope.arguments, None if tool is None else tool.schema)
    return replace(approval, envelope=replace(approval.envelope, arguments=arguments))
