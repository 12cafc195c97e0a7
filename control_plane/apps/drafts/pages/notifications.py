"""`/console/notifications`: what reviewers should know: ready drafts, questions without an answer, failures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.apps.drafts.store import channels, functions_of
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.tenants import TenantRole

router = APIRouter(prefix="/notifications")
PAGE_SIZE = 50


@router.get("")
async def show_list(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, unread: bool = False, after: After = None
) -> Response:
    """Show the notifications for the viewer and for everybody in the tenant, the newest first.

    Without `tenant_id`, an operator chooses a tenant first.
    """
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Notifications")
    tenant = await viewer.known_tenant(tenant_id)
    cursors = Cursors("console.notifications", tenant, unread)
    found = await channels.list_notifications(
        functions_of(viewer.backends), tenant, subject=viewer.actor.id, unread_only=unread, limit=PAGE_SIZE + 1,
        before=cursors.read(after),
    )  # fmt: skip
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "drafts/notifications.html", notifications=page, unread=unread,
        may_mark=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        next=cursors.write((page[-1].created_at, page[-1].id)) if has_more else None,
        draft_link=linker(viewer, "drafts", tenant), conversation_link=linker(viewer, "conversations", tenant),
        learning_link=linker(viewer, "learning", tenant), **await whose(viewer, "notifications", tenant),
    )  # fmt: skip


@router.post("/read")
async def mark_read(
    viewer: Viewer, ids: Annotated[list[UUID], Form(max_length=PAGE_SIZE)], tenant_id: UUID | None = None
) -> Response:
    """Mark these notifications as read."""
    await channels.mark_read(functions_of(viewer.backends), viewer.one_tenant(tenant_id), ids, actor=viewer.actor)
    return changed("Marked as read.")
