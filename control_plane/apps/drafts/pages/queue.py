"""`/console/drafts`: the replies that wait for a person, those that are due first at the top."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.apps.drafts.store import channels, drafts, functions_of, messages
from control_plane.console.own_tenant import choose_tenant, whose
from control_plane.console.render import render
from control_plane.console.session import Viewer
from services.clock import utc_now

router = APIRouter(prefix="/drafts")
PAGE_SIZE = 50


@router.get("")
async def show_queue(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, mine: bool = False, snoozed: bool = False,
    after: After = None,
) -> Response:  # fmt: skip
    """The pending drafts of a tenant: all, or those of this person; `snoozed` shows the snoozed ones too."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Replies")
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    users = await channels.list_users(functions, tenant)
    me = next((user.id for user in users if user.auth_subject == viewer.actor.id), None)
    cursors = Cursors("console.drafts", tenant, mine, snoozed)
    found = (
        []
        if mine and me is None
        else await drafts.list_queue(
            functions, tenant, assignee=me if mine else None, with_snoozed=snoozed, after=cursors.read(after),
            limit=PAGE_SIZE + 1,
        )
    )  # fmt: skip
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "drafts/queue.html", drafts=page, mine=mine, snoozed=snoozed, now=utc_now(),
        names={user.id: user.display_name for user in users},
        abstained=[] if mine or after else await messages.list_abstained(functions, tenant),
        next=cursors.write((page[-1].due_at, page[-1].id)) if has_more else None,
        **await whose(viewer, "drafts", tenant),
    )  # fmt: skip
