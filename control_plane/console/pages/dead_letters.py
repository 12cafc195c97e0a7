"""`/console/dead-letters`: why calls gave up, and what to do with them: requeue, edit, discard, one or several."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.api.problems import describe_error
from control_plane.console.filters import Chosen
from control_plane.console.history import list_steps
from control_plane.console.pages.envelopes import MAX_STEPS, may_decide
from control_plane.console.paths import ROOT
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from control_plane.strict_json import parse_object
from services.change_dead_letters import discard_each, requeue_each
from services.envelope import DEAD_STATUSES, EnvelopeKey, Status
from services.errors import InvalidInput, NotFound
from services.jsonb import as_stored
from services.list_envelopes import list_dead_letters, page_end
from services.requeue import check_edit, requeue_edited, requeue_one
from services.show_envelopes import show_envelope, show_envelopes

router = APIRouter(prefix="/dead-letters")
PAGE_SIZE = 50
MAX_AT_ONCE = 500
"""Dead letters that one confirmation changes."""
Action = Literal["requeue", "discard"]
Text = Annotated[Chosen[str], Query(max_length=300)]


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    status: Annotated[Chosen[Status], Query()] = None,
    tool_slug: Text = None,
    cause: Text = None,
    after: After = None,
) -> Response:
    """The causes, and the dead letters of one cause or of all, the oldest first."""
    tenant = viewer.tenant_or_all(tenant_id)
    cursors = Cursors("console.dead-letters", tenant, status, tool_slug, cause)
    rows = await list_dead_letters(
        viewer.backends, tenant, status=status, tool_slug=tool_slug, cause=cause, limit=PAGE_SIZE + 1,
        after=cursors.read(after),
    )  # fmt: skip
    page, has_more = page_of(rows, PAGE_SIZE)
    return render(
        request, "dead_letters/list.html", letters=await show_envelopes(viewer.backends, page),
        causes=None if cause else await viewer.backends.outbox.count_causes(tenant), cause=cause,
        statuses=sorted(DEAD_STATUSES), may_change=may_decide(viewer),
        next=cursors.write(page_end(page[-1])) if has_more else None,
    )  # fmt: skip


@router.get("/preview")
async def preview_cause(
    request: Request,
    viewer: Viewer,
    action: Action,
    cause: Annotated[str, Query(max_length=300)],
    tenant_id: Annotated[Chosen[UUID], Query()] = None,
    status: Annotated[Chosen[Status], Query()] = None,
    tool_slug: Text = None,
) -> Response:
    """Which dead letters of a cause would be changed: the oldest, as many as one confirmation changes."""
    rows = await list_dead_letters(
        viewer.backends, viewer.tenant_or_all(tenant_id), status=status, tool_slug=tool_slug, cause=cause,
        limit=MAX_AT_ONCE + 1,
    )  # fmt: skip
    return render(
        request, "dead_letters/preview.html", action=action,
        letters=await show_envelopes(viewer.backends, rows[:MAX_AT_ONCE]), has_more=len(rows) > MAX_AT_ONCE,
    )  # fmt: skip


@router.post("/preview")
async def preview_chosen(
    request: Request,
    viewer: Viewer,
    action: Annotated[Action, Form()],
    key: Annotated[list[str] | None, Form(max_length=MAX_AT_ONCE)] = None,
) -> Response:
    """Which of the chosen dead letters would be changed. Changes nothing."""
    letters = []
    for tenant, envelope in read_keys(key or []):
        found = await viewer.backends.outbox.get(viewer.one_tenant(tenant), envelope)
        letters += [found] if found.status in DEAD_STATUSES else []
    return render(
        request, "dead_letters/preview.html", action=action, letters=await show_envelopes(viewer.backends, letters),
        has_more=False,
    )  # fmt: skip


@router.post("/change")
async def change_several(
    request: Request,
    viewer: Viewer,
    action: Annotated[Action, Form()],
    key: Annotated[list[str], Form(max_length=MAX_AT_ONCE)],
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Requeue or discard them, each independently of the others, and name those that were skipped."""
    keys = [(viewer.one_tenant(tenant), envelope) for tenant, envelope in read_keys(key)]
    if action == "requeue":
        result = await requeue_each(viewer.backends, keys, actor=viewer.actor)
    else:
        result = await discard_each(viewer.backends, keys, actor=viewer.actor, reason=reason)
    return render(request, "dead_letters/result.html", action=action, result=result)


@router.get("/{tenant_id}/{envelope_id}")
async def show_one(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """One dead letter."""
    tenant = viewer.one_tenant(tenant_id)
    envelope = await viewer.backends.outbox.get(tenant, envelope_id)
    rows = await viewer.backends.audit_log.of_envelope(tenant, envelope_id, limit=MAX_STEPS)
    is_dead = envelope.status in DEAD_STATUSES
    return render(
        request, "dead_letters/one.html", letter=await show_envelope(viewer.backends, envelope), is_dead=is_dead,
        steps=list_steps(rows, envelope_id), may_change=is_dead and may_decide(viewer),
    )  # fmt: skip


@router.post("/{tenant_id}/{envelope_id}/preview")
async def preview_edit(
    request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer,
    arguments: Annotated[str, Form(max_length=200_000)],
) -> Response:  # fmt: skip
    """What an edit changes, and whether the tool's schema allows it."""
    letter = await viewer.backends.outbox.get(viewer.one_tenant(tenant_id), envelope_id)
    before, after, problem = (await show_envelope(viewer.backends, letter)).arguments, None, None
    try:
        after = parse_object(arguments, name="arguments")
        await check_edit(viewer.backends, letter, after)
        after = as_stored(after)  # in the order of fields that `before` has
    except (InvalidInput, NotFound) as error:
        problem = describe_error(error)
    return render(request, "dead_letters/edit.html", before=before, after=after, problem=problem)


@router.post("/{tenant_id}/{envelope_id}/requeue")
async def requeue(tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """Requeue it, even if it is doubtful: a person named it."""
    await requeue_one(viewer.backends, viewer.one_tenant(tenant_id), envelope_id, actor=viewer.actor)
    return changed("Requeued.", to=f"{ROOT}/envelopes/{tenant_id}/{envelope_id}")


@router.post("/{tenant_id}/{envelope_id}/requeue-edited")
async def requeue_with_edit(
    tenant_id: UUID,
    envelope_id: UUID,
    viewer: Viewer,
    arguments: Annotated[str, Form(max_length=200_000)],
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Requeue it with other arguments."""
    await requeue_edited(
        viewer.backends, viewer.one_tenant(tenant_id), envelope_id, parse_object(arguments, name="arguments"),
        actor=viewer.actor, reason=reason or None,
    )  # fmt: skip
    return changed("Requeued with your arguments.", to=f"{ROOT}/envelopes/{tenant_id}/{envelope_id}")


@router.post("/{tenant_id}/{envelope_id}/discard")
async def discard(
    tenant_id: UUID, envelope_id: UUID, viewer: Viewer, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """End it as cancelled."""
    if not reason.strip():
        raise InvalidInput("reason", "is required, so that people know later why it was discarded")
    await viewer.backends.outbox.discard(viewer.one_tenant(tenant_id), envelope_id, actor=viewer.actor, reason=reason)
    return changed("Discarded.", to=f"{ROOT}/envelopes/{tenant_id}/{envelope_id}")


def read_keys(texts: list[str]) -> list[EnvelopeKey]:
    """Keys as the checkboxes have them: `tenant:envelope`. Raises InvalidInput."""
    try:
        pairs = [text.split(":") for text in dict.fromkeys(texts)]
        return [(UUID(tenant), UUID(envelope)) for tenant, envelope in pairs]
    except ValueError:
        raise InvalidInput("key", "names no dead letter; load the page again") from None
