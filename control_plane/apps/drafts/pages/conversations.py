"""`/console/conversations`: what customers wrote, and what was answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.apps.drafts.pages.threads import show_messages
from control_plane.apps.drafts.regenerate_draft import request_draft
from control_plane.apps.drafts.store import channels, drafts, functions_of, messages
from control_plane.apps.drafts.values import DraftStatus
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.errors import NotFound
from services.tenants import TenantRole

router = APIRouter(prefix="/conversations")
PAGE_SIZE = 50
Note = Annotated[str, Form(max_length=4000)]


@router.get("")
async def show_list(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, status: str = "", customer: str = "",
    after: After = None,
) -> Response:  # fmt: skip
    """The conversations of a tenant, those with the newest message first."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Conversations")
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    chosen = status or "open"
    cursors = Cursors("console.conversations", tenant, chosen, customer)
    found = await messages.list_conversations(
        functions, tenant, status=chosen, customer=customer.strip() or None, before=cursors.read(after),
        limit=PAGE_SIZE + 1,
    )  # fmt: skip
    page, has_more = page_of(found, PAGE_SIZE)
    return render(
        request, "drafts/conversations.html", conversations=page,
        channels={each.id: each for each in await channels.list_channels(functions, tenant)},
        next=cursors.write((page[-1].last_message_at, page[-1].id)) if has_more else None,
        **await whose(viewer, "conversations", tenant),
    )  # fmt: skip


@router.get("/{conversation_id}")
async def show_one(request: Request, conversation_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """One conversation with its messages, notes and drafts."""
    tenant = await viewer.known_tenant(tenant_id)
    timeline = await messages.read_conversation(functions_of(viewer.backends), tenant, conversation_id)
    if timeline is None:
        raise NotFound("conversation", conversation_id)
    return render(
        request, "drafts/conversation.html", timeline=timeline, conversation=timeline.conversation,
        thread=await show_messages(timeline.messages),
        has_pending=any(draft.status is DraftStatus.PENDING for draft in timeline.drafts),
        may_decide=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        draft_link=linker(viewer, "drafts", tenant), **await whose(viewer, "conversations", tenant),
    )  # fmt: skip


@router.post("/{conversation_id}/note")
async def add_note(
    conversation_id: UUID, viewer: Viewer, tenant_id: UUID | None = None, note: Note = ""
) -> Response:  # fmt: skip
    """Add a note for colleagues."""
    tenant = viewer.one_tenant(tenant_id)
    await messages.add_note(functions_of(viewer.backends), tenant, conversation_id, note.strip(), actor=viewer.actor)
    return changed("Note added.", to=linker(viewer, "conversations", tenant)(f"/{conversation_id}"))


@router.post("/{conversation_id}/request")
async def ask_for_draft(
    conversation_id: UUID, viewer: Viewer, tenant_id: UUID | None = None, instruction: Note = ""
) -> Response:
    """Ask for a draft of a conversation that has none."""
    tenant = viewer.one_tenant(tenant_id)
    await request_draft(
        viewer.backends, tenant, conversation_id, instruction=instruction.strip() or None, actor=viewer.actor
    )
    return changed("A draft is being written.")


@router.post("/{conversation_id}/write")
async def write(
    conversation_id: UUID, viewer: Viewer, text: Annotated[str, Form(max_length=100_000)],
    tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Begin a reply that a person writes."""
    tenant = viewer.one_tenant(tenant_id)
    written = await drafts.write(
        functions_of(viewer.backends), tenant, conversation_id, text=text.replace("\r\n", "\n"), actor=viewer.actor
    )
    return changed("Saved as a draft.", to=linker(viewer, "drafts", tenant)(f"/{written.draft_id}"))
