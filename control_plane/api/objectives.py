"""`/v1/objectives`: what a tenant's agents work towards."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.etags import IfMatch, check_match, etag
from control_plane.api.identity import Person, Reader, TenantId
from services.envelope import Status
from services.objectives import Objective, Progress
from services.read_progress import read_progress
from services.set_objective import add_objective, change_objective, find_objective

router = APIRouter(prefix="/v1/objectives", route_class=StrictRoute, tags=["objectives"])


class ObjectiveAnswer(Answer):
    """An objective."""

    id: UUID
    tenant_id: UUID
    title: str = Field(examples=["Answer every ticket on the day it arrives"])
    metric: str = Field(examples=["first_reply_hours"])
    target: str | None = Field(examples=["below 8"])
    horizon: str | None = Field(examples=["2026 Q4"])
    summary: str | None


class ObjectiveList(BaseModel):
    """Objectives, sorted by metric and title."""

    items: list[ObjectiveAnswer]


class ProgressAnswer(Answer):
    """How many envelopes and dead letters name an objective, by status."""

    objective_id: UUID
    title: str
    metric: str
    counts: dict[Status, int] = Field(examples=[{"success": 12, "awaiting_approval": 1}])
    last_activity_at: datetime | None = Field(description="When one of these envelopes or dead letters last changed.")


class ProgressList(BaseModel):
    """Progress of the objectives, sorted by metric and title."""

    items: list[ProgressAnswer]


class NewObjective(BaseModel, extra="forbid"):
    """An objective to create."""

    title: str = Field(min_length=1, max_length=16384, examples=["Answer every ticket on the day it arrives"])
    metric: str = Field(min_length=1, max_length=1024, examples=["first_reply_hours"])
    target: str | None = Field(default=None, max_length=16384, examples=["below 8"])
    horizon: str | None = Field(default=None, max_length=16384, examples=["2026 Q4"])
    summary: str | None = Field(default=None, max_length=65536, examples=["Tickets of paying customers come first."])


class ObjectiveChange(BaseModel, extra="forbid"):
    """The fields of an objective that change."""

    title: str = Field(default="", min_length=1, max_length=16384, examples=["Answer every ticket within a day"])
    metric: str = Field(default="", min_length=1, max_length=1024, examples=["first_reply_hours"])
    target: str | None = Field(default=None, max_length=16384, examples=["below 24"])
    horizon: str | None = Field(default=None, max_length=16384, examples=["2027 Q1"])
    summary: str | None = Field(default=None, max_length=65536, examples=["Tickets of paying customers come first."])


@router.get("")
async def list_all(caller: Reader, tenant_id: TenantId = None) -> ObjectiveList:
    """The objectives of the tenant, by metric and title."""
    objectives = await caller.backends.objectives.list_objectives(await caller.known_tenant(tenant_id))
    return ObjectiveList(items=[ObjectiveAnswer.model_validate(objective) for objective in objectives])


@router.post("", status_code=201)
async def add(body: NewObjective, response: Response, caller: Person, tenant_id: TenantId = None) -> ObjectiveAnswer:
    """Add an objective. For owners and operators."""
    added = await add_objective(caller.backends, caller.one_tenant(tenant_id), actor=caller.actor, **body.model_dump())
    response.headers["Location"] = f"{router.prefix}/{added.id}"
    return _answer(response, added)


@router.get("/progress")
async def get_all_progress(caller: Reader, tenant_id: TenantId = None) -> ProgressList:
    """How many envelopes and dead letters name each objective, by status. Deleted envelopes do not count."""
    pairs = await read_progress(caller.backends, await caller.known_tenant(tenant_id))
    return ProgressList(items=[_progress(*pair) for pair in pairs])


@router.get("/{objective_id}/progress")
async def get_progress(objective_id: UUID, caller: Reader, tenant_id: TenantId = None) -> ProgressAnswer:
    """How many envelopes and dead letters name this objective, by status."""
    [pair] = await read_progress(caller.backends, caller.one_tenant(tenant_id), objective_id)
    return _progress(*pair)


@router.get("/{objective_id}")
async def get(objective_id: UUID, response: Response, caller: Reader, tenant_id: TenantId = None) -> ObjectiveAnswer:
    """One objective. Send its ETag as If-Match to change it."""
    return _answer(response, await find_objective(caller.backends, caller.one_tenant(tenant_id), objective_id))


@router.patch("/{objective_id}")
async def change(
    objective_id: UUID, body: ObjectiveChange, response: Response, caller: Person, tenant_id: TenantId = None,
    if_match: IfMatch = None,
) -> ObjectiveAnswer:  # fmt: skip
    """Change the named fields and keep the others. Needs the header If-Match. For owners and operators."""
    tenant = caller.one_tenant(tenant_id)

    def check_etag(objective: Objective) -> None:
        check_match(if_match, _document(objective))

    changed = await change_objective(
        caller.backends, tenant, objective_id, body.model_dump(exclude_unset=True), actor=caller.actor, check=check_etag
    )
    return _answer(response, changed)


def _answer(response: Response, objective: Objective) -> ObjectiveAnswer:
    response.headers["ETag"] = etag(_document(objective))
    return ObjectiveAnswer.model_validate(objective)


def _progress(objective: Objective, progress: Progress) -> ProgressAnswer:
    return ProgressAnswer.model_validate(
        {
            "objective_id": objective.id, "title": objective.title, "metric": objective.metric,
            "counts": dict(progress.counts), "last_activity_at": progress.last_activity_at,
        }
    )  # fmt: skip


def _document(objective: Objective) -> dict[str, Any]:
    return ObjectiveAnswer.model_validate(objective).model_dump(mode="json")
