"""`/v1/conversations`: threads of customers, with all messages and drafts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.drafts.regenerate_draft import request_draft
from control_plane.apps.drafts.routes.drafts import MAX_TEXT
from control_plane.apps.drafts.routes.etags import write_etag
from control_plane.apps.drafts.store import drafts, functions_of, messages
from control_plane.apps.drafts.values import Conversation, EditedDraft, Message, Timeline
from services.errors import NotFound

router = APIRouter(prefix="/v1/conversations", route_class=StrictRoute, tags=["conversations"])


class Note(BaseModel, extra="forbid"):
    """A note for other reviewers."""

    note: str = Field(min_length=1, max_length=16_000, examples=["called the customer"])


class NoteAnswer(BaseModel):
    """The note that was added."""

    message_id: UUID


class RequestDraft(BaseModel, extra="forbid"):
    """A request for a draft, with a wish for the drafter."""

    instruction: str | None = Field(
        default=None, max_length=4000, description="What the drafter should do.", examples=["apologize first"]
    )


class Write(BaseModel, extra="forbid"):
    """A reply that a person writes."""

    text: str = Field(min_length=1, max_length=MAX_TEXT, examples=["We have found your parcel."])
    html: str | None = Field(default=None, max_length=MAX_TEXT)


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    status: Annotated[str, Query(max_length=255, description="`open`, `closed`, or the channel's own word.")] = "open",
    customer: Annotated[
        str | None,
        Query(
            max_length=320,
            description="The address of a customer; upper and lower case are equal. `status` is then ignored.",
        ),
    ] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[Conversation]:
    """Conversations of one status, or of one customer; those with the newest message first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("conversations", tenant, status, customer)
    rows = await messages.list_conversations(
        functions_of(caller.backends), tenant, status=status, customer=customer, limit=limit + 1,
        before=cursors.read(after),
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write((shown[-1].last_message_at, shown[-1].id)) if has_more else None)


@router.get("/{conversation_id}")
async def get(conversation_id: UUID, caller: Reader, tenant_id: TenantId = None) -> Timeline:
    """One conversation: its newest 100 messages, its drafts, and what people did with them, the oldest first."""
    found = await messages.read_conversation(
        functions_of(caller.backends), caller.one_tenant(tenant_id), conversation_id
    )
    if found is None:
        raise NotFound("conversation", conversation_id)
    return found


@router.get("/{conversation_id}/messages")
async def list_messages(
    conversation_id: UUID, caller: Reader, tenant_id: TenantId = None, limit: Limit = 50, after: After = None
) -> Page[Message]:
    """The messages of a conversation, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("messages", tenant, conversation_id)
    rows = await messages.list_messages(
        functions_of(caller.backends), tenant, conversation_id, limit=limit + 1, before=cursors.read(after)
    )
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write((shown[-1].sent_at, shown[-1].id)) if has_more else None)


@router.post("/{conversation_id}/notes", status_code=201)
async def add_note(conversation_id: UUID, body: Note, caller: Person, tenant_id: TenantId = None) -> NoteAnswer:
    """Add a note for other reviewers. It is never sent, and the drafter does not see it. For owners and reviewers."""
    note = await messages.add_note(
        functions_of(caller.backends), caller.one_tenant(tenant_id), conversation_id, body.note, actor=caller.actor
    )
    return NoteAnswer(message_id=note)


@router.post("/{conversation_id}/draft-requests", status_code=204)
async def ask_for_draft(conversation_id: UUID, body: RequestDraft, caller: Person, tenant_id: TenantId = None) -> None:
    """Have a draft written now, where there is none: after a rejection, or where no answer was found.

    409 if the customer wrote nothing that can be answered. For owners and reviewers.
    """
    await request_draft(
        caller.backends, caller.one_tenant(tenant_id), conversation_id, instruction=body.instruction,
        actor=caller.actor,
    )  # fmt: skip


@router.post("/{conversation_id}/drafts", status_code=201)
async def write(
    conversation_id: UUID, body: Write, response: Response, caller: Person, tenant_id: TenantId = None
) -> EditedDraft:
    """Write a reply yourself. It is a draft like the others: somebody decides about it. For owners and reviewers."""
    written = await drafts.write(
        functions_of(caller.backends), caller.one_tenant(tenant_id), conversation_id, text=body.text, html=body.html,
        actor=caller.actor,
    )  # fmt: skip
    response.headers["ETag"] = write_etag(written.version, written.digest)
    return written
