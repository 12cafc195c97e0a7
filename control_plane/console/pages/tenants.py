"""`/console/tenants`: the tenants, and one tenant: its pauses, lanes and request limits."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import AwareDatetime
from starlette.responses import RedirectResponse, Response

from control_plane.api.identity import Principal
from control_plane.api.pages import After, Cursors, page_of
from control_plane.console.filters import Chosen
from control_plane.console.paths import ROOT
from control_plane.console.render import changed, render
from control_plane.console.session import OperatorViewer, Viewer
from services.add_tenant import add_tenant
from services.clock import utc_now
from services.errors import InvalidInput
from services.overview import MAX_COUNTED
from services.pauses import PauseKind
from services.start_pause import start_pause
from services.tenants import Tenant, TenantRole

router = APIRouter(prefix="/tenants")
PAGE_SIZE = 50
PEOPLE_WHO_PAUSE = {TenantRole.OWNER, TenantRole.REVIEWER}
PAUSE_HOURS = {"1": "an hour", "2": "2 hours", "4": "4 hours", "24": "a day", "168": "a week"}
"""The lengths of a pause in hours that the form offers, in addition to no end and an exact end."""

Name = Annotated[str, Form(min_length=1, max_length=255)]
Lanes = Annotated[int, Form(ge=1, le=256)]
Limit = Annotated[Chosen[int], Form(ge=0, le=2**31 - 1)]
Reason = Annotated[Chosen[str], Form(max_length=4000)]


def read_end(
    ends: Annotated[Literal["", "1", "2", "4", "24", "168", "at"], Form()] = "",
    ends_at: Annotated[Chosen[AwareDatetime], Form()] = None,
) -> datetime | None:
    """When a new pause ends: never by itself, after `ends` hours, or at `ends_at`."""
    if ends == "at":
        if ends_at is None:
            raise InvalidInput("ends_at", "choose the time at which the pause ends")
        return ends_at
    return utc_now() + timedelta(hours=int(ends)) if ends else None


End = Annotated[datetime | None, Depends(read_end)]


class State(StrEnum):
    """The states by which a list of tenants can be filtered."""

    ACTIVE = "active"
    PAUSED = "paused"


@router.get("")
async def show_list(
    request: Request,
    viewer: Viewer,
    name: Annotated[Chosen[str], Query(max_length=255)] = None,
    state: Annotated[Chosen[State], Query()] = None,
    after: After = None,
) -> Response:
    """All tenants by name. A user of a tenant sees only that tenant."""
    if viewer.tenant_id is not None:
        return RedirectResponse(_page_of(viewer.tenant_id), 303)
    cursors = Cursors("console.tenants", name, state)
    end = cursors.read_key(after)
    rows = [
        tenant
        for tenant in sorted(await viewer.backends.tenants.list_tenants(), key=_sort_key)
        if _matches_filter(tenant, name, state) and (end is None or _sort_key(tenant) > end)
    ]
    page, has_more = page_of(rows, PAGE_SIZE)
    return render(
        request, "tenants/list.html", tenants=page, states=list(State),
        next=cursors.write_key(*_sort_key(page[-1])) if has_more else None,
    )  # fmt: skip


@router.post("")
async def add(viewer: OperatorViewer, name: Name, plan: Name, lanes: Lanes) -> Response:
    """Add a tenant."""
    tenant = await add_tenant(viewer.backends, name, plan=plan, lanes=lanes, actor=viewer.actor)
    return changed(f"{name} was added.", to=_page_of(tenant.id))


@router.get("/{tenant_id}")
async def show_one(request: Request, tenant_id: UUID, viewer: Viewer) -> Response:
    """One tenant."""
    tenant = await viewer.backends.tenants.get(viewer.one_tenant(tenant_id))
    return render(
        request, "tenants/one.html", tenant=tenant, overview=await viewer.backends.overviews.read(tenant.id),
        pauses=await viewer.backends.pauses.list_pauses(tenant.id), most=MAX_COUNTED, kinds=list(PauseKind),
        lasts=list(PAUSE_HOURS.items()), can_pause=_is_one_of(viewer, PEOPLE_WHO_PAUSE),
        can_resume=_is_one_of(viewer, {TenantRole.OWNER}),
    )  # fmt: skip


@router.post("/{tenant_id}")
async def save(tenant_id: UUID, viewer: OperatorViewer, name: Name, plan: Name, lanes: Lanes) -> Response:
    """Change the name, plan and lanes of a tenant."""
    tenant = await viewer.backends.tenants.get(tenant_id)
    await viewer.backends.tenants.save(replace(tenant, name=name, plan=plan, lanes=lanes), actor=viewer.actor)
    return changed("Saved. A new number of lanes is for new envelopes.")


@router.post("/{tenant_id}/request-limits")
async def limit(
    tenant_id: UUID, viewer: OperatorViewer, requests: Limit = None, token_requests: Limit = None
) -> Response:
    """Limit the tenant's requests to the API."""
    await viewer.backends.tenants.set_request_limits(
        tenant_id, requests_per_minute=requests, token_requests_per_minute=token_requests, actor=viewer.actor
    )
    return changed("The request limits are set.")


@router.post("/{tenant_id}/pause")
async def pause(tenant_id: UUID, viewer: Viewer, end: End, reason: Reason = None) -> Response:
    """Stop all calls of the tenant."""
    await viewer.backends.tenants.pause(viewer.one_tenant(tenant_id), actor=viewer.actor, reason=reason, ends_at=end)
    return changed("Paused. Running calls finish, and no other begins.")


@router.post("/{tenant_id}/resume")
async def resume(tenant_id: UUID, viewer: Viewer) -> Response:
    """Execute the tenant's calls again."""
    await viewer.backends.tenants.resume(viewer.one_tenant(tenant_id), actor=viewer.actor)
    return changed("Resumed. Held envelopes are judged again now.")


@router.post("/{tenant_id}/pauses")
async def pause_part(
    tenant_id: UUID,
    viewer: Viewer,
    kind: Annotated[PauseKind, Form()],
    target: Annotated[str, Form(min_length=1, max_length=255)],
    end: End,
    reason: Reason = None,
) -> Response:
    """Stop the calls of a tool, through an account or of an agent."""
    await start_pause(
        viewer.backends, viewer.one_tenant(tenant_id), kind, target.strip(), reason=reason,
        ends_at=end, actor=viewer.actor,
    )  # fmt: skip
    return changed(f"The {kind} {target} is paused.")


@router.post("/{tenant_id}/pauses/end")
async def end_pause(
    tenant_id: UUID, viewer: Viewer, kind: Annotated[PauseKind, Form()], target: Annotated[str, Form(max_length=255)]
) -> Response:
    """End the pause of a tool, an account or an agent."""
    await viewer.backends.pauses.end(viewer.one_tenant(tenant_id), kind, target, actor=viewer.actor)
    return changed("The pause has ended. Held envelopes are judged again now.")


def _page_of(tenant: UUID) -> str:
    return f"{ROOT}/tenants/{tenant}"


def _sort_key(tenant: Tenant) -> tuple[str, str]:
    return tenant.name, str(tenant.id)


def _matches_filter(tenant: Tenant, name: str | None, state: State | None) -> bool:
    is_named = name is None or name.casefold() in tenant.name.casefold() or name.lower() == str(tenant.id)
    return is_named and (state is None or (state is State.PAUSED) == (tenant.paused_at is not None))


def _is_one_of(viewer: Principal, roles: set[TenantRole]) -> bool:
    """Whether the viewer is an operator or has one of these roles. The database checks the role again."""
    return viewer.tenant_id is None or viewer.role in roles
