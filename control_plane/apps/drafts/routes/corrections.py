"""`/v1/corrections`: answers that people verified, for messages that match them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.apps.drafts.store import corrections, functions_of
from control_plane.apps.drafts.store.corrections import Correction

router = APIRouter(prefix="/v1/corrections", route_class=StrictRoute, tags=["corrections"])


class CorrectionList(BaseModel):
    """Corrections in the order of their ids."""

    items: list[Correction]


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    status: Annotated[
        Literal["proposed", "approved", "retired"] | None, Query(description="Only these. By default all.")
    ] = None,
) -> CorrectionList:
    """The corrections in the order of their ids. A proposed correction is not used yet."""
    tenant = await caller.known_tenant(tenant_id)
    found = await corrections.list_corrections(functions_of(caller.backends), tenant, actor=caller.actor, status=status)
    return CorrectionList(items=found)


@router.post("/{correction_id}/approve")
async def approve(correction_id: UUID, caller: Person, tenant_id: TenantId = None) -> Correction:
    """Approve a correction, so that drafts use it. 409 if it is retired. For owners and reviewers."""
    return await corrections.approve_correction(
        functions_of(caller.backends), caller.one_tenant(tenant_id), correction_id, actor=caller.actor
    )


@router.post("/{correction_id}/retire")
async def retire(correction_id: UUID, caller: Person, tenant_id: TenantId = None) -> Correction:
    """Retire an approved correction, or reject a proposed one. For owners and reviewers."""
    return await corrections.retire_correction(
        functions_of(caller.backends), caller.one_tenant(tenant_id), correction_id, actor=caller.actor
    )
