"""`/console/overview`: what waits now, and how envelopes ended lately."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.api.overview import known_tenant_or_all
from control_plane.console.filters import Chosen
from control_plane.console.render import render
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.overview import MAX_COUNTED, Overview
from services.read_history import History, Period, read_history

router = APIRouter(prefix="/overview")
MAX_NAMED = 200
"""The most tenants that a filter offers by name. If there are more, people enter an id."""
PERIODS = {Period.HOUR: "Last hour", Period.DAY: "Last 24 hours", Period.WEEK: "Last 7 days"}

TenantChoice = Annotated[Chosen[UUID], Query()]


@router.get("")
async def show(
    request: Request, viewer: Viewer, tenant_id: TenantChoice = None, period: Period = Period.DAY
) -> Response:
    """The numbers, and the history of a period."""
    tenant = await known_tenant_or_all(viewer, tenant_id)
    overview = await viewer.backends.overviews.read(tenant)
    now, due_at = utc_now(), overview.oldest_due_at
    return render(
        request, "overview/show.html", overview=overview, most=MAX_COUNTED, chosen=tenant,
        history=await read_history(viewer.backends, tenant, period, now=now), period=period, periods=PERIODS,
        waited=None if due_at is None else max(0.0, (now - due_at).total_seconds()),
        choices=await _tenants(viewer, overview if tenant is None else None),
    )  # fmt: skip


@router.get("/chart")
async def read_chart(viewer: Viewer, tenant_id: TenantChoice = None, period: Period = Period.DAY) -> dict[str, Any]:
    """The history as columns, for `charts.js`."""
    tenant = await known_tenant_or_all(viewer, tenant_id)
    return columns_of(await read_history(viewer.backends, tenant, period, now=utc_now()))


def columns_of(history: History) -> dict[str, Any]:
    """One list per series, with one value per span."""
    spans = history.spans
    return {
        "every": history.every.total_seconds(),
        "starts_at": [span.starts_at.timestamp() for span in spans],
        "success": [span.ended.get("success", 0) for span in spans],
        "other": [sum(span.ended.values()) - span.ended.get("success", 0) - span.dead_letters for span in spans],
        "dead_letters": [span.dead_letters for span in spans],
        "median": [span.median_seconds for span in spans],
        "p95": [span.p95_seconds for span in spans],
    }


async def _tenants(viewer: Principal, of_all: Overview | None) -> list[tuple[str, str]] | None:
    """The choices of an operator's filter by tenant: id and name. None if there are too many tenants."""
    if viewer.tenant_id is not None:
        return None
    of_all = of_all or await viewer.backends.overviews.read(None)
    if of_all.tenants > MAX_NAMED:
        return None
    return [(str(tenant.id), tenant.name) for tenant in await viewer.backends.tenants.list_tenants()]
