"""`/console/approvals/{tenant_id}/{envelope_id}`: one call that waits for a person, its edit, and the decision."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.api.problems import describe_error
from control_plane.console.arguments import in_order, list_arguments, order_arguments, read_arguments
from control_plane.console.paths import ROOT
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.approvals import GIVEN_BY_PEOPLE, ApprovalDecision, RejectionCode
from services.catalog import Tool
from services.clock import utc_now
from services.decide_approval import decide_approval, preview_edit
from services.envelope import Envelope, Status
from services.errors import InvalidInput
from services.review_approval import Review, review
from services.show_approvals import find_approval
from services.show_envelopes import find_tools_of, tool_key
from services.tenants import TenantRole

router = APIRouter(prefix="/approvals/{tenant_id}/{envelope_id}")
INBOX = f"{ROOT}/approvals"
CODES = [code for code in RejectionCode if code in GIVEN_BY_PEOPLE and code is not RejectionCode.ANSWERED]
Digest = Annotated[str, Form(max_length=64)]
Text = Annotated[str, Form(max_length=4000)]
ShownWhole = Annotated[bool, Form()]


@router.get("")
async def show_one(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """The call, and everything that helps to decide about it."""
    return render(request, "approvals/one.html", **await _template_values(viewer, tenant_id, envelope_id))


@router.get("/edit")
async def edit(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """The form that changes the arguments."""
    return render(request, "approvals/edit.html", **await _template_values(viewer, tenant_id, envelope_id))


@router.post("/preview")
async def preview(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """Show what the edit changes, and whether the tool's schema allows it."""
    tenant, problem, edited, digest = viewer.one_tenant(tenant_id), None, None, None
    envelope, tool = await _find_pending(viewer, tenant, envelope_id)
    schema = {} if tool is None else tool.schema
    try:
        typed = read_arguments(dict(await request.form()))
        edited = in_order(schema, typed)
        digest = (await preview_edit(viewer.backends, tenant, envelope_id, typed)).digest
    except InvalidInput as exc:
        problem = describe_error(exc)
    return render(
        request, "approvals/preview.html", now=None if envelope is None else in_order(schema, envelope.arguments),
        edited=edited, digest=digest, problem=problem,
    )  # fmt: skip


@router.post("/approve")
async def approve(
    tenant_id: UUID,
    envelope_id: UUID,
    viewer: Viewer,
    digest: Digest,
    reason: Text = "",
    shown_whole: ShownWhole = False,
) -> Response:
    """Approve the call as it was shown."""
    decided = await decide_approval(
        viewer.backends, envelope_id, tenant=viewer.one_tenant(tenant_id), decision=ApprovalDecision.APPROVED,
        digest=digest, reason=reason or None, actor=viewer.actor, shown_whole=shown_whole,
    )  # fmt: skip
    return _answer_approved(decided)


@router.post("/approve-edited")
async def approve_edited(
    request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer, digest: Digest, reason: Text = "",
    shown_whole: ShownWhole = False,
) -> Response:  # fmt: skip
    """Approve the call with other arguments."""
    decided = await decide_approval(
        viewer.backends, envelope_id, tenant=viewer.one_tenant(tenant_id), decision=ApprovalDecision.APPROVED,
        digest=digest, reason=reason or None, actor=viewer.actor, shown_whole=shown_whole,
        arguments=read_arguments(dict(await request.form())),
    )  # fmt: skip
    return _answer_approved(decided)


@router.post("/reject")
async def reject(
    tenant_id: UUID, envelope_id: UUID, viewer: Viewer, digest: Digest, code: Annotated[RejectionCode, Form()],
    reason: Text = "", shown_whole: ShownWhole = False,
) -> Response:  # fmt: skip
    """Reject the call, or answer its agent."""
    await decide_approval(
        viewer.backends, envelope_id, tenant=viewer.one_tenant(tenant_id), decision=ApprovalDecision.REJECTED,
        digest=digest, reason=reason.strip() or None, actor=viewer.actor, code=code, shown_whole=shown_whole,
    )  # fmt: skip
    return changed("Answered." if code is RejectionCode.ANSWERED else "Rejected.", to=INBOX)


@router.post("/look")
async def look(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """Record that the viewer looks at this approval, and show who else does."""
    others = await viewer.backends.approvals.look(viewer.one_tenant(tenant_id), envelope_id, actor=viewer.actor)
    return render(request, "approvals/viewers.html", viewers=[each.viewer for each in others])


async def _find_pending(
    viewer: Principal, tenant: UUID, envelope_id: UUID
) -> tuple[Envelope | None, Tool | None]:  # fmt: skip
    """The call, if it waits for a decision, and its tool."""
    approval = await find_approval(viewer.backends, tenant, envelope_id)
    if approval is None:
        return None, None
    tools = await find_tools_of(viewer.backends, [approval.envelope])
    return approval.envelope, tools.get(tool_key(approval.envelope))


async def _template_values(viewer: Principal, tenant_id: UUID, envelope_id: UUID) -> dict[str, Any]:
    found: Review = await review(viewer.backends, viewer.one_tenant(tenant_id), envelope_id, now=utc_now())
    schema = {} if found.tool is None else found.tool.schema
    return {
        "review": found,
        "envelope": order_arguments(found.envelope, found.tool),
        "approval": found.approval,
        "arguments": list_arguments(schema, found.envelope.arguments),
        "last_calls": [order_arguments(call, found.tool) for call in found.last_calls],
        "codes": CODES,
        "may_decide": viewer.tenant_id is None or viewer.role in {TenantRole.OWNER, TenantRole.REVIEWER},
        "here": f"{INBOX}/{tenant_id}/{envelope_id}",
    }


def _answer_approved(envelope: Envelope) -> Response:
    waits = envelope.status is Status.AWAITING_APPROVAL
    return changed("Approved once. A second person has to approve it too." if waits else "Approved.", to=INBOX)
