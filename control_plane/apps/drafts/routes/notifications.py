"""`/v1/notifications`: news for reviewers: drafts that are ready, questions without an answer, failures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.drafts.store import channels, functions_of
from control_plane.apps.drafts.tenant_values import Notification

router = APIRouter(prefix="/v1/notifications", route_class=StrictRoute, tags=["notifications"])


class Read(BaseModel, extra="forbid"):
    """The notifications to mark as read."""

    ids: list[UUID] = Field(min_length=1, max_length=500)


class ReadAnswer(BaseModel):
    """The result of marking notifications as read."""

    read: int = Field(description="How many of them were unread.")


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    unread: Annotated[bool, Query(description="Only those that nobody has read.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[Notification]:
    """Your notifications, and those for everybody of the tenant, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("notifications", tenant, unread)
    rows = await channels.list_notifications(
        functions_of(caller.backends), tenant, subject=caller.actor.id, unread_only=unread, limit=limit + 1,
        before=cursors.read(after),
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write((shown[-1].created_at, shown[-1].id)) if has_more else None)


@router.post("/read")
async def mark_read(body: Read, caller: Person, tenant_id: TenantId = None) -> ReadAnswer:
    """Mark notifications as read; those for another person stay unread. For owners and reviewers."""
    read = await channels.mark_read(
        functions_of(caller.backends), caller.one_tenant(tenant_id), body.ids, actor=caller.actor
    )
    return ReadAnswer(read=read)
