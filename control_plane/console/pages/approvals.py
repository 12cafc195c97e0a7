"""`/console/approvals`: the calls that wait for a person, what was decided, and how people decide."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.api.pages import After, Cursors, page_of
from control_plane.console.arguments import order_arguments
from control_plane.console.filters import Chosen
from control_plane.console.render import render
from control_plane.console.session import Viewer
from services.approvals import ApprovalDecision, ApprovalFilter, ApprovalOrder
from services.clock import utc_now
from services.envelope import Risk
from services.review_approval import accounts_of
from services.show_approvals import decided_end, list_approvals, list_decided, page_end, read_reviewers
from services.show_envelopes import find_tools_of, tool_key

router = APIRouter(prefix="/approvals")
PAGE_SIZE = 50
Slug = Annotated[Chosen[str], Query(max_length=255)]


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    tool_slug: Slug = None,
    agent: Slug = None,
    risk: Annotated[Chosen[Risk], Query()] = None,
    order: Annotated[Chosen[ApprovalOrder], Query()] = None,
    after: After = None,
) -> Response:
    """The inbox: by default, the approvals that expire first are at the top."""
    tenant, by = viewer.tenant_or_all(tenant_id), order or ApprovalOrder.EXPIRING
    cursors = Cursors("console.approvals", tenant, tool_slug, agent, risk, by)
    rows = await list_approvals(
        viewer.backends, tenant, limit=PAGE_SIZE + 1, order=by, after=cursors.read(after),
        matching=ApprovalFilter(tool_slug=tool_slug, risk=risk, agent=agent),
    )  # fmt: skip
    page, has_more = page_of(rows, PAGE_SIZE)
    tools = await find_tools_of(viewer.backends, [approval.envelope for approval in page])
    calls = {row.id: order_arguments(row.envelope, tools.get(tool_key(row.envelope))).arguments for row in page}
    return render(
        request, "approvals/list.html", approvals=page, calls=calls, accounts=await accounts_of(viewer.backends, page),
        looking=await _others_looking(viewer, tenant), risks=list(Risk),
        next=cursors.write(page_end(page[-1], by)) if has_more else None,
    )  # fmt: skip


@router.get("/looking")
async def show_looking(request: Request, viewer: Viewer) -> Response:
    """Show for each approval who else looks at it."""
    return render(request, "approvals/looking.html", looking=await _others_looking(viewer, viewer.tenant_id))


@router.get("/decided")
async def show_decided(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    tool_slug: Slug = None,
    agent: Slug = None,
    decided_by: Slug = None,
    decision: Annotated[Chosen[ApprovalDecision], Query()] = None,
    after: After = None,
) -> Response:
    """The decided approvals, the newest decision first."""
    tenant = viewer.tenant_or_all(tenant_id)
    cursors = Cursors("console.decided", tenant, tool_slug, agent, decided_by, decision)
    rows = await list_decided(
        viewer.backends, tenant, limit=PAGE_SIZE + 1, before=cursors.read(after), decided_by=decided_by,
        decision=decision, matching=ApprovalFilter(tool_slug=tool_slug, agent=agent),
    )  # fmt: skip
    page, has_more = page_of(rows, PAGE_SIZE)
    return render(
        request, "approvals/decided.html", records=page, decisions=list(ApprovalDecision),
        next=cursors.write(decided_end(page[-1])) if has_more else None,
    )  # fmt: skip


@router.get("/reviewers")
async def show_reviewers(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> Response:
    """How people decided in the last days."""
    since = utc_now() - timedelta(days=days)
    reviewers = await read_reviewers(viewer.backends, viewer.tenant_or_all(tenant_id), decided_after=since)
    return render(request, "approvals/reviewers.html", reviewers=reviewers, days=days)


async def _others_looking(viewer: Principal, tenant: UUID | None) -> dict[UUID, list[str]]:
    """The principals of the other people who look at approvals, by envelope."""
    looking: dict[UUID, list[str]] = {}
    for each in await viewer.backends.approvals.viewers(tenant):
        if each.viewer != viewer.actor.principal:
            looking.setdefault(each.envelope_id, []).append(each.viewer)
    return looking
