"""`/v1/pauses`: stop the calls of a tool, through an account or of an agent, with a reason and an end."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from services.pauses import PauseKind
from services.start_pause import start_pause

router = APIRouter(prefix="/v1/pauses", route_class=StrictRoute, tags=["pauses"])


class PauseAnswer(Answer):
    """A pause. Envelopes that it holds say so in their explanation."""

    tenant_id: UUID
    kind: PauseKind
    target: str
    reason: str | None
    started_at: datetime
    started_by: str
    ends_at: datetime | None
    changed_at: datetime


class PauseList(BaseModel):
    items: list[PauseAnswer]


class NewPause(BaseModel, extra="forbid"):
    """A pause to start: of which calls, and why."""

    kind: PauseKind
    target: str = Field(
        min_length=1, max_length=255, description="The slug of a tool, the id of an account, or the name of an agent.",
        examples=["SLACK__chat.post"],
    )  # fmt: skip
    reason: str | None = Field(default=None, max_length=4000, examples=["posts twice"])
    ends_at: AwareDatetime | None = Field(
        default=None, description="When the pause ends. By default it lasts until you end it."
    )


@router.get("")
async def list_all(caller: Reader, tenant_id: TenantId = None) -> PauseList:
    """The pauses that have not ended."""
    found = await caller.backends.pauses.list_pauses(caller.one_tenant(tenant_id))
    return PauseList(items=[PauseAnswer.model_validate(pause) for pause in found])


@router.post("", status_code=201)
async def start(body: NewPause, caller: Person, tenant_id: TenantId = None) -> PauseAnswer:
    """Start a pause, or change the reason and end of one. A pause holds every call that is claimed from now on.

    For owners and reviewers.
    """
    pause = await start_pause(
        caller.backends, caller.one_tenant(tenant_id), body.kind, body.target, reason=body.reason,
        ends_at=body.ends_at, actor=caller.actor,
    )  # fmt: skip
    return PauseAnswer.model_validate(pause)


@router.delete("/{kind}/{target:path}", status_code=204)
async def end(kind: PauseKind, target: str, caller: Person, tenant_id: TenantId = None) -> None:
    """End a pause. The envelopes that it holds are judged again immediately. For owners and reviewers."""
    await caller.backends.pauses.end(caller.one_tenant(tenant_id), kind, target, actor=caller.actor)
