"""`/console/dead-letters/{tenant_id}/{envelope_id}`: one dead letter: requeue it, also with other arguments, or discard
it."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.api.problems import describe_error
from control_plane.console.arguments import in_order, list_arguments, order_arguments, read_arguments
from control_plane.console.history import list_steps
from control_plane.console.pages.envelopes import MAX_STEPS, may_decide
from control_plane.console.paths import ROOT
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.catalog import Tool
from services.envelope import DEAD_STATUSES, Envelope
from services.errors import InvalidInput, NotFound
from services.hidden_characters import escape_hidden
from services.requeue import check_edit, requeue_edited, requeue_one
from services.show_envelopes import find_tools_of, restore_shown, show_envelopes, tool_key

router = APIRouter(prefix="/dead-letters/{tenant_id}/{envelope_id}")


@router.get("")
async def show_one(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """One dead letter."""
    letter, tool = await _find(viewer, viewer.one_tenant(tenant_id), envelope_id)
    rows = await viewer.backends.audit_log.of_envelope(letter.tenant_id, envelope_id, limit=MAX_STEPS)
    is_dead = letter.status in DEAD_STATUSES
    return render(
        request, "dead_letters/one.html", letter=order_arguments(letter, tool), is_dead=is_dead,
        steps=list_steps(rows, envelope_id), may_change=is_dead and may_decide(viewer),
    )  # fmt: skip


@router.get("/edit")
async def edit(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """The form in which a person edits the arguments of the dead letter."""
    letter, tool = await _find(viewer, viewer.one_tenant(tenant_id), envelope_id)
    shown, schema = escape_hidden(letter.arguments, keep_lines=True), {} if tool is None else tool.schema
    is_dead = letter.status in DEAD_STATUSES
    return render(
        request, "dead_letters/edit.html", letter=letter, arguments=list_arguments(schema, shown),
        document=in_order(schema, shown), is_dead=is_dead, may_change=is_dead and may_decide(viewer),
    )  # fmt: skip


@router.post("/preview")
async def preview_edit(request: Request, tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """Show what an edit changes, and whether the tool's schema allows it."""
    letter, tool = await _find(viewer, viewer.one_tenant(tenant_id), envelope_id)
    schema, after, problem = {} if tool is None else tool.schema, None, None
    try:
        typed = read_arguments(dict(await request.form()))
        after = in_order(schema, typed)
        stored = await viewer.backends.outbox.get(letter.tenant_id, envelope_id)
        await check_edit(viewer.backends, stored, _restore_hidden(typed, letter))
    except (InvalidInput, NotFound) as error:
        problem = describe_error(error)
    before = in_order(schema, escape_hidden(letter.arguments, keep_lines=True))
    return render(request, "dead_letters/edit_preview.html", before=before, after=after, problem=problem)


@router.post("/requeue")
async def requeue(tenant_id: UUID, envelope_id: UUID, viewer: Viewer) -> Response:
    """Requeue the dead letter, even if it is doubtful, because a person named it."""
    await requeue_one(viewer.backends, viewer.one_tenant(tenant_id), envelope_id, actor=viewer.actor)
    return changed("Requeued.", to=f"{ROOT}/envelopes/{tenant_id}/{envelope_id}")


@router.post("/requeue-edited")
async def requeue_with_edit(
    request: Request,
    tenant_id: UUID,
    envelope_id: UUID,
    viewer: Viewer,
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Requeue the dead letter with other arguments."""
    letter, _ = await _find(viewer, viewer.one_tenant(tenant_id), envelope_id)
    typed = read_arguments(dict(await request.form()))
    await requeue_edited(
        viewer.backends, letter.tenant_id, envelope_id, _restore_hidden(typed, letter), actor=viewer.actor,
        reason=reason or None,
    )  # fmt: skip
    return changed("Requeued with your arguments.", to=f"{ROOT}/envelopes/{tenant_id}/{envelope_id}")


@router.post("/discard")
async def discard(
    tenant_id: UUID, envelope_id: UUID, viewer: Viewer, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Discard the dead letter: it ends as cancelled."""
    if not reason.strip():
        raise InvalidInput("reason", "is required, so that people know later why it was discarded")
    await viewer.backends.outbox.discard(viewer.one_tenant(tenant_id), envelope_id, actor=viewer.actor, reason=reason)
    return changed("Discarded.", to=f"{ROOT}/envelopes/{tenant_id}/{envelope_id}")


async def _find(viewer: Principal, tenant: UUID, envelope_id: UUID) -> tuple[Envelope, Tool | None]:
    """The envelope without secrets, and its tool."""
    stored = await viewer.backends.outbox.get(tenant, envelope_id)
    tool = (await find_tools_of(viewer.backends, [stored])).get(tool_key(stored))
    [shown] = await show_envelopes(viewer.backends, [stored], known=[] if tool is None else [tool])
    return shown, tool


def _restore_hidden(typed: Mapping[str, Any], letter: Envelope) -> Mapping[str, Any]:
    """The typed arguments. Where the form showed hidden characters escaped, the original characters are restored."""
    full_arguments: Mapping[str, Any] = restore_shown(
        typed, escape_hidden(letter.arguments, keep_lines=True), letter.arguments
    )
    return full_arguments
