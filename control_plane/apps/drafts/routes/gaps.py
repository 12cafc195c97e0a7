"""`/v1/gaps`: what customers ask and the drafter cannot answer."""

from fastapi import APIRouter
from pydantic import BaseModel

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader, TenantId
from control_plane.apps.drafts.learning.gaps import Gap
from control_plane.apps.drafts.list_gaps import list_gaps
from control_plane.apps.drafts.routes.spans import Since, Until, span

router = APIRouter(prefix="/v1/gaps", route_class=StrictRoute, tags=["gaps"])


class GapList(BaseModel):
    """Questions without an answer, in groups."""

    items: list[Gap]


@router.get("")
async def list_all(caller: Reader, tenant_id: TenantId = None, since: Since = None, until: Until = None) -> GapList:
    """Questions without an answer, similar ones together, those that were asked most often first.

    Only the newest 2,000 questions of the time range are used.
    """
    tenant = await caller.known_tenant(tenant_id)
    return GapList(items=await list_gaps(caller.backends, tenant, *span(since, until)))
