"""`/console/evidence`: what scans and inbound webhooks have read, and since when it has been the same."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.console.own_tenant import choose_tenant, linker, whose
from control_plane.console.render import render
from control_plane.console.session import Viewer

router = APIRouter(prefix="/evidence")
MAX_SHOWN = 100


@router.get("")
async def show_signals(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """A summary of each tool's latest reading."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Evidence")
    tenant = await viewer.known_tenant(tenant_id)
    signals = await viewer.backends.evidence.list_signals(tenant)
    return render(request, "evidence/signals.html", signals=signals, **await _template_values(viewer, tenant))


@router.get("/collected")
async def show_collected(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The readings that were seen last, each with its content."""
    tenant = await viewer.known_tenant(tenant_id)
    rows = await viewer.backends.evidence.list_evidence(tenant, limit=MAX_SHOWN)
    return render(
        request, "evidence/collected.html", rows=rows, most=MAX_SHOWN, **await _template_values(viewer, tenant)
    )


async def _template_values(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    link = linker(viewer, "evidence", tenant)
    tabs = [("Signals", link()), ("Collected evidence", link("/collected"))]
    return {**await whose(viewer, "evidence", tenant), "tab_links": tabs}
