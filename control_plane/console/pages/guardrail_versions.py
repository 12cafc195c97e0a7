"""`/console/guardrails/versions`: the versions of the guardrails, who made them, and how to go back to one."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from control_plane.console.own_tenant import linker
from control_plane.console.pages.guardrails import NOUN, common, differing
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.errors import NotFound
from services.guardrails import GuardrailSettings, GuardrailVersion
from services.set_guardrails import list_versions, roll_back_guardrails

router = APIRouter(prefix="/guardrails")
MAX_SHOWN = 200
Number = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@router.get("/versions")
async def show_versions(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, before: Number = None, after: Number = None
) -> Response:
    """The versions, the newest first, and two of them side by side."""
    tenant = await viewer.known_tenant(tenant_id)
    versions = await list_versions(viewer.backends, tenant, limit=MAX_SHOWN)
    newest = versions[0].version if versions else 0
    shown_after = newest if after is None else after
    shown_before = max(0, shown_after - 1) if before is None else before
    old = await _document(viewer, tenant, versions, shown_before)
    new = await _document(viewer, tenant, versions, shown_after)
    return render(
        request, "guardrails/versions.html", versions=versions, newest=newest, before=shown_before, after=shown_after,
        changes=differing(old, new), document=new, **await common(viewer, tenant),
    )  # fmt: skip


@router.post("/rollback")
async def roll_back(
    viewer: Viewer, version: Annotated[int, Form(ge=1, le=2**31 - 1)], tenant_id: UUID | None = None
) -> Response:
    """Set the content of an earlier version, as a new version."""
    tenant = viewer.one_tenant(tenant_id)
    await roll_back_guardrails(viewer.backends, tenant, version, actor=viewer.actor)
    return changed(f"Back to version {version}.", to=linker(viewer, NOUN, tenant)("/versions"))


async def _document(viewer: Viewer, tenant: UUID, listed: list[GuardrailVersion], number: int) -> Mapping[str, Any]:
    """The guardrails in this version. Before the first version they have their defaults."""
    if number == 0:
        return GuardrailSettings(tenant_id=tenant).document
    found = [version for version in listed if version.version == number]
    found = found or await viewer.backends.guardrails.list_versions(tenant, limit=1, version=number)
    if not found:
        raise NotFound("guardrail version", number)
    return found[0].document
