"""`/console/envelopes`: the list, and one envelope."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.console.filters import Chosen
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.envelope import WAITING_STATUSES, Status
from services.explain import explain
from services.list_envelopes import list_envelopes, page_end
from services.show_envelopes import show_envelope, show_envelopes

router = APIRouter(prefix="/envelopes")
PAGE_SIZE = 50


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    status: Annotated[Chosen[Status], Query()] = None,
    tool_slug: Annotated[Chosen[str], Query(max_length=255)] = None,
    after: After = None,
) -> Response:
    """The newest envelopes."""
    tenant = viewer.some_tenant(tenant_id)
    cursors = Cursors("console.envelopes", tenant, status, tool_slug)
    rows = await list_envelopes(
        viewer.backends, tenant, status=status, tool_slug=tool_slug, limit=PAGE_SIZE + 1, after=cursors.read(after)
    )
    page, has_more = page_of(rows, PAGE_SIZE)
    return render(
        request, "envelopes/list.html", envelopes=await show_envelopes(viewer.backends, page), statuses=list(Status),
        next=cursors.write(page_end(page[-1])) if has_more else None,
    )  # fmt: skip


@router.get("/{tenant_id}/{envelope_id}")
async def show_one(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """One envelope."""
    explanation = await explain(viewer.backends, viewer.one_tenant(tenant_id), envelope_id, now=utc_now())
    envelope = await show_envelope(viewer.backends, explanation.envelope)
    return render(
        request, "envelopes/one.html", envelope=envelope, explanation=explanation,
        can_cancel=envelope.status in WAITING_STATUSES,
    )  # fmt: skip


@router.post("/{tenant_id}/{envelope_id}/cancel")
async def cancel(
    tenant_id: UUID, envelope_id: UUID, viewer: Viewer, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Cancel it."""
    tenant = viewer.one_tenant(tenant_id)
    await viewer.backends.outbox.cancel(tenant, envelope_id, actor=viewer.actor, reason=reason or None)
    return changed("Envelope cancelled.")
