"""`/v1/autopilot/models`: trainings, and which model is active."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.apps.autopilot.clusters import StoredModel, SwitchedModel
from control_plane.apps.autopilot.routes.runs import RunAnswer
from control_plane.apps.autopilot.store import functions_of, models, runs

router = APIRouter(prefix="/v1/autopilot/models", route_class=StrictRoute, tags=["models"])


class ModelList(BaseModel):
    """The models of a tenant, the newest first."""

    items: list[StoredModel]


@router.get("")
async def list_all(
    caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> ModelList:
    """The models, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    return ModelList(items=await models.list_models(functions_of(caller.backends), tenant, limit=limit))


@router.post("/train", status_code=201)
async def train(response: Response, caller: Person, tenant_id: TenantId = None) -> RunAnswer:
    """Start a training. The first model is active at once; later trainings only propose. 409 names a training that has
    not ended. For owners."""
    run = await runs.start_rebuild(functions_of(caller.backends), caller.one_tenant(tenant_id), actor=caller.actor)
    response.headers["Location"] = f"/v1/autopilot/runs/{run.id}"
    return RunAnswer.model_validate(run)


@router.post("/roll-back")
async def roll_back(caller: Person, tenant_id: TenantId = None) -> SwitchedModel:
    """Activate the model that was active before the present one, with what people decided since. For owners."""
    return await models.roll_back_model(functions_of(caller.backends), caller.one_tenant(tenant_id), actor=caller.actor)


@router.post("/{model_id}/activate")
async def activate(model_id: UUID, caller: Person, tenant_id: TenantId = None) -> SwitchedModel:
    """Make a stored model the active one. What people decided is carried over. 409 if it is active. For owners."""
    return await models.activate_model(
        functions_of(caller.backends), caller.one_tenant(tenant_id), model_id, actor=caller.actor
    )
