"""`/console/dead-letters`: why calls gave up, and several of them requeued or discarded at once."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.api.pages import After, Cursors, page_of
from control_plane.console.filters import Chosen
from control_plane.console.pages.envelopes import may_decide
from control_plane.console.render import render
from control_plane.console.session import Viewer
from services.change_dead_letters import discard_each, requeue_each
from services.envelope import DEAD_STATUSES, EnvelopeKey, Status
from services.errors import InvalidInput
from services.list_envelopes import list_dead_letters, page_end
from services.show_envelopes import show_envelopes

router = APIRouter(prefix="/dead-letters")
PAGE_SIZE = 50
MAX_AT_ONCE = 500
"""How many dead letters one confirmation may change."""
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
    """Show which dead letters of a cause would be changed: the oldest ones, at most MAX_AT_ONCE."""
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
    """Show which of the chosen dead letters would be changed. Changes nothing."""
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
    """Requeue or discard the chosen dead letters, each independently of the others, and name those that were
    skipped."""
    keys = [(viewer.one_tenant(tenant), envelope) for tenant, envelope in read_keys(key)]
    if action == "requeue":
        result = await requeue_each(viewer.backends, keys, actor=viewer.actor)
    else:
        result = await discard_each(viewer.backends, keys, actor=viewer.actor, reason=reason)
    return render(request, "dead_letters/result.html", action=action, result=result)


def read_keys(texts: list[str]) -> list[EnvelopeKey]:
    """Parse the values of the checkboxes: `tenant:envelope`. Raises InvalidInput."""
    try:
        pairs = [text.split(":") for text in dict.fromkeys(texts)]
        return [(UUID(tenant), UUID(envelope)) for tenant, envelope in pairs]
    except ValueError:
        raise InvalidInput("key", "names no dead letter; load the page again") from None
