"""`/v1/autopilot/gaps`: clusters of tickets that no article answers."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader, TenantId
from control_plane.apps.autopilot.articles import GapDraft
from control_plane.apps.autopilot.store import article_drafts, functions_of

router = APIRouter(prefix="/v1/autopilot/gaps", route_class=StrictRoute, tags=["knowledge gaps"])


class GapAnswer(Answer):
    """A cluster that no article answers."""

    cluster_id: UUID
    name: str
    subcluster_name: str | None
    label: str | None
    tickets: int
    cost: Decimal = Field(description="What its tickets cost, by the settings; 0 if an hour's cost is not known.")
    weeks: list[int] = Field(description="The tickets of each of the last 12 weeks, the oldest week first.")
    draft: GapDraft | None = Field(description="The newest article that was drafted for it.")


class GapList(BaseModel):
    """Gaps, the most expensive first."""

    items: list[GapAnswer]


@router.get("")
async def list_all(
    caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> GapList:
    """The clusters of the active model that no article answers, those whose tickets cost the most first."""
    tenant = await caller.known_tenant(tenant_id)
    found = await article_drafts.list_gaps(functions_of(caller.backends), tenant, limit=limit)
    return GapList(items=[GapAnswer.model_validate(each) for each in found])
