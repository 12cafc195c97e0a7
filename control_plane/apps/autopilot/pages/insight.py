"""`/console/insight`: bursts of tickets, stuck tickets, near-duplicates, and what automatic responses saved."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.apps.autopilot.insight.near_duplicates import list_near_duplicates
from control_plane.apps.autopilot.insight.savings import read_savings
from control_plane.apps.autopilot.store import clusters, functions_of, insight
from control_plane.console.own_tenant import choose_tenant, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.tenants import TenantRole

router = APIRouter(prefix="/insight")
SHOWN = 20
DAYS = 30
NEW_FOR = timedelta(days=7)
"""Near-duplicates are searched among the open tickets that were opened within this time."""


@router.get("")
async def show(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Bursts, the tickets of the last days, what automatic responses saved, and stuck tickets."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Insight")
    tenant = await viewer.known_tenant(tenant_id)
    functions, today = functions_of(viewer.backends), utc_now().date()
    first = today - timedelta(days=DAYS)
    days = await insight.read_trend(functions, tenant, first_day=first, last_day=today)
    return render(
        request, "autopilot/insight.html", bursts=await insight.list_bursts(functions, tenant, limit=SHOWN),
        stuck=await insight.list_stuck_tickets(functions, tenant, limit=SHOWN), days=days,
        most=max((each.total_tickets for each in days), default=0), names=await _names(viewer, tenant),
        savings=await read_savings(functions, tenant, first_day=first, last_day=today),
        may_decide=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER), **await whose(viewer, "insight", tenant),
    )  # fmt: skip


@router.get("/duplicates")
async def show_duplicates(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Open tickets that say nearly the same."""
    tenant = await viewer.known_tenant(tenant_id)
    found = await list_near_duplicates(functions_of(viewer.backends), tenant, within=NEW_FOR, now=utc_now())
    return render(
        request, "autopilot/duplicates.html", groups=found[:SHOWN], names=await _names(viewer, tenant),
        **await whose(viewer, "insight", tenant),
    )  # fmt: skip


@router.post("/bursts/{alert_id}/acknowledge")
async def acknowledge(alert_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Say that the viewer takes care of a burst."""
    await insight.acknowledge_burst(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), alert_id, actor=viewer.actor
    )
    return changed("Acknowledged. The alert stays until the burst ends.")


async def _names(viewer: Viewer, tenant: UUID) -> dict[UUID, str]:
    found = await clusters.list_clusters(functions_of(viewer.backends), tenant)
    return {each.id: each.label or " · ".join(filter(None, (each.name, each.subcluster_name))) for each in found}
