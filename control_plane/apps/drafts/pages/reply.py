"""`/console/drafts/{draft_id}`: one reply: the conversation, the draft and its sources, and the decision."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.apps.drafts.decide_draft import decide_draft
from control_plane.apps.drafts.edit_draft import edit_draft
from control_plane.apps.drafts.pages.threads import show_messages
from control_plane.apps.drafts.regenerate_draft import regenerate_draft
from control_plane.apps.drafts.store import channels, drafts, functions_of, messages
from control_plane.apps.drafts.values import Draft, DraftDecision, Priority, RejectionCode
from control_plane.console.own_tenant import linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.errors import NotFound
from services.tenants import TenantRole

router = APIRouter(prefix="/drafts/{draft_id}")
LOCK_FOR = timedelta(minutes=2)
SNOOZES = (("1", "1 hour"), ("4", "4 hours"), ("24", "1 day"), ("72", "3 days"), ("168", "1 week"))
"""The hours that the form offers, each with its label."""
Version = Annotated[int, Form()]
Digest = Annotated[str, Form(max_length=64)]
Note = Annotated[str, Form(max_length=4000)]
Body = Annotated[str, Form(max_length=100_000)]
TakeOver = Annotated[bool, Form()]


@router.get("")
async def show_one(request: Request, draft_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The reply as it would be sent, and the message that it answers."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    draft = await _read(viewer, tenant, draft_id)
    timeline = await messages.read_conversation(functions, tenant, draft.conversation_id)
    users = await channels.list_users(functions, tenant)
    me = next((user.id for user in users if user.auth_subject == viewer.actor.id), None)
    now = utc_now()
    is_locked = draft.locked_until is not None and draft.locked_until > now and draft.locked_by != me
    return render(
        request, "drafts/reply.html", draft=draft, now=now, users=users, is_locked=is_locked,
        thread=[] if timeline is None else await show_messages(timeline.messages),
        names={user.id: user.display_name for user in users}, codes=list(RejectionCode), priorities=list(Priority),
        snoozes=SNOOZES, may_decide=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER),
        here=lambda path: linker(viewer, "drafts", tenant)(f"/{draft_id}{path}"),
        conversation_url=linker(viewer, "conversations", tenant)(f"/{draft.conversation_id}"),
        **await whose(viewer, "drafts", tenant),
    )  # fmt: skip


@router.post("/diff")
async def show_diff(
    request: Request, draft_id: UUID, viewer: Viewer, tenant_id: UUID | None = None, text: Body = ""
) -> Response:
    """Show the difference between the suggested text and the text that a person typed."""
    draft = await _read(viewer, viewer.one_tenant(tenant_id), draft_id)
    return render(request, "drafts/diff.html", before=draft.suggested_text, after=_unix_lines(text))


@router.post("/send")
async def send(
    request: Request, draft_id: UUID, viewer: Viewer, version: Version, digest: Digest, text: Body,
    tenant_id: UUID | None = None, confirmed_recipient: Annotated[str, Form(max_length=320)] = "",
    take_over: TakeOver = False,
) -> Response:  # fmt: skip
    """Approve the draft, with another text if a person changed it."""
    tenant = viewer.one_tenant(tenant_id)
    final = _unix_lines(text)
    shown = await _read(viewer, tenant, draft_id)
    is_edit = final != _unix_lines(shown.text)
    await decide_draft(
        viewer.backends, tenant, draft_id, decision=DraftDecision.EDIT if is_edit else DraftDecision.APPROVE,
        version=version, digest=digest, text=final if is_edit else None, actor=viewer.actor,
        confirmed_recipient=confirmed_recipient or None, take_over=take_over,
        webhook_key=request.app.state.webhook_key,
    )  # fmt: skip
    return changed("Approved. The reply will be sent.", to=linker(viewer, "drafts", tenant)())


@router.post("/save")
async def save(
    draft_id: UUID, viewer: Viewer, version: Version, text: Body, tenant_id: UUID | None = None,
    take_over: TakeOver = False,
) -> Response:  # fmt: skip
    """Save the text without a decision."""
    tenant = viewer.one_tenant(tenant_id)
    await edit_draft(
        viewer.backends, tenant, draft_id, version=version, text=_unix_lines(text), take_over=take_over,
        actor=viewer.actor,
    )  # fmt: skip
    return changed("Saved.", to=linker(viewer, "drafts", tenant)(f"/{draft_id}"))


@router.post("/reject")
async def reject(
    draft_id: UUID, viewer: Viewer, version: Version, digest: Digest, code: Annotated[RejectionCode, Form()],
    tenant_id: UUID | None = None, reason: Note = "", take_over: TakeOver = False,
) -> Response:  # fmt: skip
    """Reject the draft: nothing is sent."""
    tenant = viewer.one_tenant(tenant_id)
    await decide_draft(
        viewer.backends, tenant, draft_id, decision=DraftDecision.REJECT, version=version, digest=digest,
        reason=reason.strip() or None, code=code, actor=viewer.actor, take_over=take_over,
    )  # fmt: skip
    return changed("Rejected. Nothing was sent.", to=linker(viewer, "drafts", tenant)())


@router.post("/regenerate")
async def regenerate(
    draft_id: UUID, viewer: Viewer, version: Version, tenant_id: UUID | None = None, instruction: Note = "",
    take_over: TakeOver = False,
) -> Response:  # fmt: skip
    """Ask for a new draft in place of this one."""
    tenant = viewer.one_tenant(tenant_id)
    await regenerate_draft(
        viewer.backends, tenant, draft_id, version=version, instruction=instruction.strip() or None,
        take_over=take_over, actor=viewer.actor,
    )  # fmt: skip
    return changed("A new draft is being written.", to=linker(viewer, "drafts", tenant)())


@router.post("/lock")
async def lock(draft_id: UUID, viewer: Viewer, tenant_id: UUID | None = None, take_over: TakeOver = False) -> Response:
    """Show others that this person works on the draft."""
    await drafts.lock(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), draft_id,
        seconds=int(LOCK_FOR.total_seconds()), take_over=take_over, actor=viewer.actor,
    )  # fmt: skip
    return Response(status_code=204)


@router.post("/assign")
async def assign(
    draft_id: UUID, viewer: Viewer, tenant_id: UUID | None = None,
    assignee: Annotated[str, Form(pattern="^([0-9a-f-]{36})?$")] = "",
) -> Response:  # fmt: skip
    """Give the draft to a user, or to nobody."""
    tenant = viewer.one_tenant(tenant_id)
    to = UUID(assignee) if assignee else None
    await drafts.assign(functions_of(viewer.backends), tenant, draft_id, to, actor=viewer.actor)
    return changed("Assigned." if to else "Nobody is assigned now.")


@router.post("/priority")
async def prioritize(
    draft_id: UUID, viewer: Viewer, priority: Annotated[Priority, Form()], tenant_id: UUID | None = None
) -> Response:
    """Set the priority, which also changes the due time."""
    tenant = viewer.one_tenant(tenant_id)
    await drafts.set_priority(functions_of(viewer.backends), tenant, draft_id, priority, actor=viewer.actor)
    return changed("Priority changed.")


@router.post("/snooze")
async def snooze(
    draft_id: UUID, viewer: Viewer, hours: Annotated[int, Form(ge=0, le=24 * 90)], tenant_id: UUID | None = None
) -> Response:
    """Hide the draft from the queue for some hours; 0 shows it again."""
    tenant = viewer.one_tenant(tenant_id)
    until = utc_now() + timedelta(hours=hours) if hours else None
    await drafts.snooze(functions_of(viewer.backends), tenant, draft_id, until, actor=viewer.actor)
    if until is None:
        return changed("Shown in the queue again.")
    return changed("Snoozed.", to=linker(viewer, "drafts", tenant)())


@router.post("/escalate")
async def escalate(draft_id: UUID, viewer: Viewer, reason: Note = "", tenant_id: UUID | None = None) -> Response:
    """Hand the draft to the admins."""
    tenant = viewer.one_tenant(tenant_id)
    await drafts.escalate(functions_of(viewer.backends), tenant, draft_id, reason.strip(), actor=viewer.actor)
    return changed("Escalated. An admin has to decide now.")


async def _read(viewer: Viewer, tenant: UUID, draft_id: UUID) -> Draft:
    found = await drafts.read_draft(functions_of(viewer.backends), tenant, draft_id)
    if found is None:
        raise NotFound("draft", draft_id)
    return found


def _unix_lines(text: str) -> str:
    """The text with LF line ends: browsers send CRLF."""
    return text.replace("\r\n", "\n")
