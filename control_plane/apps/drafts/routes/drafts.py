"""`/v1/drafts`: replies that an AI drafted and a person decides about."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.apps.drafts.edit_draft import edit_draft
from control_plane.apps.drafts.regenerate_draft import regenerate_draft
from control_plane.apps.drafts.routes.etags import IfMatch, read_etag, write_etag
from control_plane.apps.drafts.store import channels, drafts, functions_of
from control_plane.apps.drafts.tenant_values import User
from control_plane.apps.drafts.values import Draft, EditedDraft, QueuedDraft
from services.errors import NotFound

router = APIRouter(prefix="/v1/drafts", route_class=StrictRoute, tags=["drafts"])
MAX_TEXT = 60_000
"""The most characters of a reply. The arguments of a call have at most 64 KiB."""
TakeOver = Annotated[bool, Field(description="Continue even if another person works on the draft.")]


class ReplyFile(BaseModel, extra="forbid"):
    """A file that goes with a reply, as a link to it."""

    file_name: str = Field(min_length=1, max_length=255, examples=["label.pdf"])
    mime_type: str = Field(default="application/octet-stream", min_length=1, max_length=255)
    size_bytes: int = Field(default=0, ge=0, le=2**31 - 1)
    file_url: str = Field(max_length=2000, pattern="^https://[!-~]+$", examples=["https://files.acme.example/7"])


class Edit(BaseModel, extra="forbid"):
    """The text of a reviewer, in place of the suggested one."""

    text: str = Field(min_length=1, max_length=MAX_TEXT, examples=["It is on its way."])
    html: str | None = Field(default=None, max_length=MAX_TEXT)
    attachments: list[ReplyFile] | None = Field(
        default=None, max_length=20, description="Files for the reply, each with the URL it is fetched from."
    )
    take_over: TakeOver = False


class Regenerate(BaseModel, extra="forbid"):
    """A request for a new draft, with a wish for the drafter."""

    instruction: str | None = Field(
        default=None,
        max_length=4000,
        description="What the drafter should do.",
        examples=["shorter"],
    )
    take_over: TakeOver = False


class UserList(BaseModel):
    """The people who work on replies."""

    items: list[User]


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    assignee: Annotated[UUID | None, Query(description="Only the drafts of this user.")] = None,
    with_snoozed: Annotated[bool, Query(description="Also drafts that are snoozed.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Page[QueuedDraft]:
    """The queue: the drafts that wait for a person, those that are due first at the top."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("drafts", tenant, assignee, with_snoozed)
    rows = await drafts.list_queue(
        functions_of(caller.backends), tenant, assignee=assignee, with_snoozed=with_snoozed, limit=limit + 1,
        after=cursors.read(after),
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write((shown[-1].due_at, shown[-1].id)) if has_more else None)


@router.get("/users")
async def list_users(caller: Reader, tenant_id: TenantId = None) -> UserList:
    """The people who work on the tenant's replies. A person is added with their first action."""
    tenant = await caller.known_tenant(tenant_id)
    return UserList(items=await channels.list_users(functions_of(caller.backends), tenant))


@router.get("/{draft_id}")
async def get(draft_id: UUID, response: Response, caller: Reader, tenant_id: TenantId = None) -> Draft:
    """One draft: the text as it would be sent, to whom, with its sources and what people did.

    Send its ETag as If-Match to edit it or to decide.
    """
    found = await drafts.read_draft(functions_of(caller.backends), caller.one_tenant(tenant_id), draft_id)
    if found is None:
        raise NotFound("draft", draft_id)
    response.headers["ETag"] = write_etag(found.version, found.digest)
    return found


@router.patch("/{draft_id}")
async def edit(
    draft_id: UUID, body: Edit, response: Response, caller: Person, tenant_id: TenantId = None, if_match: IfMatch = None
) -> EditedDraft:
    """Save another text, without deciding. Needs If-Match. The next decision must send the ETag of this answer.

    409 if the draft has changed since, was decided, or another person works on it. For owners and reviewers.
    """
    version, _ = read_etag(if_match)
    files = None if body.attachments is None else [file.model_dump() for file in body.attachments]
    edited = await edit_draft(
        caller.backends, caller.one_tenant(tenant_id), draft_id, version=version, text=body.text, html=body.html,
        attachments=files, take_over=body.take_over, actor=caller.actor,
    )  # fmt: skip
    response.headers["ETag"] = write_etag(edited.version, edited.digest)
    return edited


@router.post("/{draft_id}/regenerate", status_code=204)
async def regenerate(
    draft_id: UUID, body: Regenerate, caller: Person, tenant_id: TenantId = None, if_match: IfMatch = None
) -> None:
    """Have the draft written again. Needs If-Match. An edited draft stays beside the new one.

    409 if the draft has changed since, or was decided. For owners and reviewers.
    """
    version, _ = read_etag(if_match)
    await regenerate_draft(
        caller.backends, caller.one_tenant(tenant_id), draft_id, version=version, instruction=body.instruction,
        take_over=body.take_over, actor=caller.actor,
    )  # fmt: skip
