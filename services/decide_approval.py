"""Store a person's decision about one or several calls that wait for an approval."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.approvals import GIVEN_BY_PEOPLE, Approval, ApprovalDecision, EditedCall, RejectionCode
from services.approvals.digest import call_digest
from services.backends import Backends
from services.check_arguments import check_arguments
from services.envelope import Actor, Envelope
from services.errors import ControlPlaneError, DecisionConflict, InvalidInput, NotAllowed, NotFound
from services.guardrails.account import account_for
from services.show_approvals import shown_arguments
from services.show_envelopes import restore_shown, tool_key


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
    arguments: Mapping[str, Any] | None = None,
    shown_whole: bool | None = None,
) -> Envelope:
    """Approve or reject the call with this digest; None means the call as it is now. A rejection needs a code.

    An approval with `arguments` is for the call with these arguments instead; they are checked like those of a
    proposal, and the worker judges the call again. A value that was shown redacted or escaped keeps its content if the
    reviewer leaves it as shown. `tenant` may be left out if only one tenant has an envelope of this id. `shown_whole`
    says whether all of the call had been shown to the actor; None if the door does not know.

    Raises NotFound without a pending approval, NotAllowed if an agent or the proposer approves, DecisionConflict if the
    call has changed or was decided meanwhile, and InvalidInput.
    """
    if (decision is ApprovalDecision.REJECTED) != (code is not None):
        raise InvalidInput("code", "is required to reject, and allowed for nothing else")
    if code is not None and code not in GIVEN_BY_PEOPLE:
        raise InvalidInput("code", f"is not one of {', '.join(sorted(GIVEN_BY_PEOPLE))}")
    if code is RejectionCode.ANSWERED and not reason:
        raise InvalidInput("reason", "is required, because it is the answer that the agent receives")
    edited = None
    if tenant is None or digest is None or arguments is not None:
        approval = await _find_pending(backends, tenant, envelope)
        tenant, digest = approval.envelope.tenant_id, digest or approval.digest
        if arguments is not None and digest == approval.digest:  # if the digest differs, the decision fails below
            edited = await _edit(backends, approval, arguments)
    return await backends.approvals.decide(
        tenant, envelope, decision=decision, digest=digest, actor=actor, reason=reason, code=code, edited=edited,
        shown_whole=shown_whole,
    )  # fmt: skip


async def preview_edit(backends: Backends, tenant: UUID, envelope: UUID, arguments: Mapping[str, Any]) -> EditedCall:
    """The call as it would be after an approval with these arguments. Changes nothing. The result contains secrets.

    Raises NotFound without a pending approval, and the other errors of `decide_approval` with `arguments`.
    """
    return await _edit(backends, await _find_pending(backends, tenant, envelope), arguments)


async def decide_many(
    backends: Backends,
    tenant: UUID,
    calls: Sequence[tuple[UUID, str]],
    *,
    decision: ApprovalDecision,
    reason: str | None,
    actor: Actor,
    code: RejectionCode | None = None,
    shown_whole: bool | None = None,
) -> list[tuple[UUID, Envelope | ControlPlaneError]]:
    """Decide each of these calls, in this order. `calls` has their envelopes and digests, as the person saw them.

    A call that has changed or was decided since, or that this person may not decide, is skipped: its result is the
    error. Any other error stops the function. It is raised if no call has been decided yet. Otherwise it is the result
    of this call and of all later ones. Raises NotAllowed if this person may decide none of the calls.
    """
    results: list[tuple[UUID, Envelope | ControlPlaneError]] = []
    for position, (envelope, digest) in enumerate(calls):
        try:
            decided = await decide_approval(
                backends, envelope, tenant=tenant, decision=decision, digest=digest, reason=reason, actor=actor,
                code=code, shown_whole=shown_whole,
            )  # fmt: skip
        except (DecisionConflict, NotFound, NotAllowed) as exc:
            results.append((envelope, exc))
        except ControlPlaneError as exc:
            if not any(isinstance(result, Envelope) for _, result in results):
                raise
            return [*results, *((id_, exc) for id_, _ in calls[position:])]
        else:
            results.append((envelope, decided))
    refusals = [result for _, result in results if isinstance(result, NotAllowed)]
    if refusals and len(refusals) == len(results):
        raise refusals[0]
    return results


async def decide_across_tenants(
    backends: Backends,
    calls: Sequence[tuple[UUID, UUID, str]],
    *,
    decision: ApprovalDecision,
    reason: str | None,
    actor: Actor,
    code: RejectionCode | None = None,
    shown_whole: bool | None = None,
) -> list[tuple[UUID, Envelope | ControlPlaneError]]:
    """Same as `decide_many`, for calls of several tenants. If all calls of one tenant fail, the calls of the others are
    still decided."""
    results: list[tuple[UUID, Envelope | ControlPlaneError]] = []
    for tenant in dict.fromkeys(tenant for tenant, _, _ in calls):
        tenant_calls = [(envelope, digest) for owner, envelope, digest in calls if owner == tenant]
        try:
            results += await decide_many(
                backends,
                tenant,
                tenant_calls,
                decision=decision,
                reason=reason,
                actor=actor,
                code=code,
                shown_whole=shown_whole,
            )
        except InvalidInput:  # the decision is invalid for the calls of every tenant
            raise
        except ControlPlaneError as exc:
            results += [(envelope, exc) for envelope, _ in tenant_calls]
    return results


async def _find_pending(backends: Backends, tenant: UUID | None, envelope: UUID) -> Approval:
    pending = await backends.approvals.list_open(tenant, envelope=envelope)
    if not pending:
        raise NotFound("approval", envelope, f"{envelope} has no pending approval", field="envelope")
    if len(pending) > 1:
        raise InvalidInput("tenant", f"is required, because {len(pending)} tenants have an envelope {envelope}")
    return pending[0]


async def _edit(backends: Backends, approval: Approval, arguments: Mapping[str, Any]) -> EditedCall:
    """The edited call. Raises InvalidInput, and DecisionConflict if the tool or the account has changed meanwhile."""
    envelope, tenant = approval.envelope, approval.envelope.tenant_id
    key = tool_key(envelope)
    tool = (await backends.catalog.find([key])).get(key)
    policy = (await backends.guardrails.policies([tenant])).get(tenant)
    if tool is None or policy is None:
        raise NotFound("tool", envelope.tool_slug, f"{envelope.tool_slug!r} is not in this tenant's catalog")
    account = account_for(envelope, tool, policy)
    if (current := call_digest(envelope, tool, account)) != approval.digest:
        problem = "the tool or account has changed; approve the call without edits, and a new approval is requested"
        raise DecisionConflict("digest", problem, current_digest=current)
    full_arguments = restore_shown(arguments, shown_arguments(envelope.arguments, tool), envelope.arguments)
    check_arguments(tool, full_arguments)
    return EditedCall(
        arguments=full_arguments, digest=call_digest(replace(envelope, arguments=full_arguments), tool, account)
    )
