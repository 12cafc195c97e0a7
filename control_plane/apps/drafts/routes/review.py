"""`/v1/drafts`: what reviewers do with a draft before somebody decides."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.apps.drafts.routes.drafts import TakeOver
from control_plane.apps.drafts.routes.spans import check_time
from control_plane.apps.drafts.store import drafts, functions_of
from control_plane.apps.drafts.values import Priority

router = APIRouter(prefix="/v1/drafts", route_class=StrictRoute, tags=["drafts"])


class Lock(BaseModel, extra="forbid"):
    """How long the caller works on the draft."""

    seconds: int = Field(
        default=120, ge=0, le=3600, description="Seconds for which the draft is locked; 0 ends the lock."
    )
    take_over: TakeOver = False


class LockAnswer(BaseModel):
    """The end of the lock; null without a lock."""

    locked_until: datetime | None


class Assign(BaseModel, extra="forbid"):
    """The user who gets the draft."""

    user_id: UUID | None = Field(description="The user, from `/v1/drafts/users`; null for nobody.")


class Escalate(BaseModel, extra="forbid"):
    """Why an owner has to decide."""

    reason: str = Field(min_length=1, max_length=4000, examples=["asks for money back for the third time"])


class Snooze(BaseModel, extra="forbid"):
    """How long the draft is left out of the queue."""

    until: AwareDatetime | None = Field(description="Until when, at most a year from now; null shows the draft again.")


class SetPriority(BaseModel, extra="forbid"):
    """The new priority of the draft."""

    priority: Priority


@router.post("/{draft_id}/lock")
async def lock(draft_id: UUID, body: Lock, caller: Person, tenant_id: TenantId = None) -> LockAnswer:
    """Tell others that you work on the draft. Nobody else edits it or decides meanwhile, unless they take it over.

    409 if another person works on it. For owners and reviewers.
    """
    until = await drafts.lock(
        functions_of(caller.backends), caller.one_tenant(tenant_id), draft_id, seconds=body.seconds,
        take_over=body.take_over, actor=caller.actor,
    )  # fmt: skip
    return LockAnswer(locked_until=until)


@router.post("/{draft_id}/assign", status_code=204)
async def assign(draft_id: UUID, body: Assign, caller: Person, tenant_id: TenantId = None) -> None:
    """Give the draft to a user, who is notified. For owners and reviewers."""
    await drafts.assign(
        functions_of(caller.backends), caller.one_tenant(tenant_id), draft_id, body.user_id, actor=caller.actor
    )


@router.post("/{draft_id}/escalate", status_code=204)
async def escalate(draft_id: UUID, body: Escalate, caller: Person, tenant_id: TenantId = None) -> None:
    """Hand the draft to the admins: from now on only they edit it or decide. For owners and reviewers."""
    await drafts.escalate(
        functions_of(caller.backends), caller.one_tenant(tenant_id), draft_id, body.reason, actor=caller.actor
    )


@router.post("/{draft_id}/snooze", status_code=204)
async def snooze(draft_id: UUID, body: Snooze, caller: Person, tenant_id: TenantId = None) -> None:
    """Leave the draft out of the queue until a time. For owners and reviewers."""
    check_time("until", body.until)
    await drafts.snooze(
        functions_of(caller.backends), caller.one_tenant(tenant_id), draft_id, body.until, actor=caller.actor
    )


@router.post("/{draft_id}/priority", status_code=204)
async def set_priority(draft_id: UUID, body: SetPriority, caller: Person, tenant_id: TenantId = None) -> None:
    """Set the priority. The due time moves with it. For owners and reviewers."""
    await drafts.set_priority(
        functions_of(caller.backends), caller.one_tenant(tenant_id), draft_id, body.priority, actor=caller.actor
    )
