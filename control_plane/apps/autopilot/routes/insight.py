"""`/v1/autopilot/insight`: bursts of tickets, near-duplicates, stuck tickets, the trend, and what was saved."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.autopilot.insight.near_duplicates import DuplicateGroup, list_near_duplicates
from control_plane.apps.autopilot.insight.savings import Savings, read_savings
from control_plane.apps.autopilot.store import functions_of, insight
from control_plane.apps.autopilot.store.insight import BurstAlert, DayFigures, StuckTicket
from services.clock import utc_now
from services.errors import InvalidInput

router = APIRouter(prefix="/v1/autopilot/insight", route_class=StrictRoute, tags=["autopilot insight"])
MAX_DAYS = 366
DEFAULT_DAYS = 30

ClusterId = Annotated[UUID | None, Query(description="Only this cluster.")]
FirstDay = Annotated[date | None, Query(description="In UTC. By default 30 days before `last_day`.")]
LastDay = Annotated[date | None, Query(description="In UTC. By default today.")]


class Trend(BaseModel):
    """The figures of each day that had tickets."""

    items: list[DayFigures]


class DuplicateList(BaseModel):
    """Groups of near-duplicates, the largest first."""

    items: list[DuplicateGroup]


@router.get("/bursts")
async def list_bursts(
    caller: Reader,
    tenant_id: TenantId = None,
    current: Annotated[bool, Query(description="Only alerts that have not ended.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[BurstAlert]:
    """The burst alerts, the newest first: many more tickets of a cluster than usual at this time of the week."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("autopilot bursts", tenant, current)
    rows = await insight.list_bursts(
        functions_of(caller.backends), tenant, current_only=current, limit=limit + 1, before=cursors.read(after)
    )
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write((shown[-1].created_at, shown[-1].id)) if has_more else None)


@router.post("/bursts/{alert_id}/acknowledge")
async def acknowledge(alert_id: UUID, caller: Person, tenant_id: TenantId = None) -> BurstAlert:
    """Say that you take care of a burst. The alert stays until the burst ends.

    409 if somebody does so already, or if the burst has ended. For owners and reviewers.
    """
    return await insight.acknowledge_burst(
        functions_of(caller.backends), caller.one_tenant(tenant_id), alert_id, actor=caller.actor
    )


@router.get("/stuck")
async def list_stuck(
    caller: Reader, tenant_id: TenantId = None, cluster_id: ClusterId = None, limit: Limit = 50, after: After = None
) -> Page[StuckTicket]:
    """The stuck tickets, the oldest first: open for longer than nine of ten tickets of their cluster took, and not
    updated for a day. How long tickets take is measured hourly, for clusters with ten resolved tickets."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("autopilot stuck", tenant, cluster_id)
    rows = await insight.list_stuck_tickets(
        functions_of(caller.backends), tenant, cluster=cluster_id, limit=limit + 1, after=cursors.read(after)
    )
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write((shown[-1].opened_at, shown[-1].id)) if has_more else None)


@router.get("/duplicates")
async def list_duplicates(
    caller: Reader,
    tenant_id: TenantId = None,
    cluster_id: ClusterId = None,
    days: Annotated[int, Query(ge=1, le=90, description="Only tickets that were opened within so many days.")] = 7,
) -> DuplicateList:
    """Open tickets of one cluster that say nearly the same. The newest 2,000 open tickets are compared."""
    tenant = await caller.known_tenant(tenant_id)
    groups = await list_near_duplicates(
        functions_of(caller.backends), tenant, within=timedelta(days=days), now=utc_now(), cluster=cluster_id
    )
    return DuplicateList(items=groups)


@router.get("/trend")
async def read_trend(
    caller: Reader,
    tenant_id: TenantId = None,
    cluster_id: ClusterId = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
) -> Trend:
    """How many tickets each day brought, of one cluster or of all: at most 366 days. Days without tickets are left
    out."""
    tenant = await caller.known_tenant(tenant_id)
    first, last = _days(first_day, last_day)
    days = await insight.read_trend(
        functions_of(caller.backends), tenant, first_day=first, last_day=last, cluster=cluster_id
    )
    return Trend(items=days)


@router.get("/savings")
async def get_savings(
    caller: Reader,
    tenant_id: TenantId = None,
    cluster_id: ClusterId = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
) -> Savings:
    """The hours and the cost that automatic responses saved. The settings `minutes_per_ticket` and `cost_per_hour` say
    how long a person needs for a ticket, and what an hour costs."""
    tenant = await caller.known_tenant(tenant_id)
    first, last = _days(first_day, last_day)
    return await read_savings(functions_of(caller.backends), tenant, first_day=first, last_day=last, cluster=cluster_id)


def _days(first_day: date | None, last_day: date | None) -> tuple[date, date]:
    """The first and the last day. Raises InvalidInput."""
    last = last_day or utc_now().date()
    try:
        first = first_day or last - timedelta(days=DEFAULT_DAYS)
    except OverflowError:
        raise InvalidInput("last_day", "is too early") from None
    if not timedelta() <= last - first < timedelta(days=MAX_DAYS):
        raise InvalidInput("first_day", f"must be at most {MAX_DAYS - 1} days before last_day, and not after it")
    return first, last
