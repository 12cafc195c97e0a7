"""`/console/syncs/settings`: how autopilot works for a tenant, and what the words of its ticket systems mean."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.etags import check_match, etag, stale_is_refused
from control_plane.apps.autopilot.connections import ConnectionType
from control_plane.apps.autopilot.routes.settings import SettingsChange, document_of
from control_plane.apps.autopilot.store import functions_of, settings
from control_plane.console.own_tenant import linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.tenants import TenantRole

router = APIRouter(prefix="/syncs/settings")
MEANINGS = {
    "status": ("open", "pending", "resolved", "closed"),
    "priority": ("critical", "high", "normal", "low"),
}


class SettingsForm(SettingsChange, extra="ignore"):
    """The fields of the form; it also has the token against forged forms."""

    etag: str
    """Of the settings that the person saw."""


@router.get("")
async def show(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The settings of a tenant, and the words of its ticket systems."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    found = await settings.read_settings(functions, tenant)
    return render(
        request, "autopilot/settings.html", settings=found, etag=etag(document_of(found)),
        words=await settings.list_value_mappings(functions, tenant), meanings=MEANINGS, kinds=list(ConnectionType),
        may_change=may(viewer, TenantRole.OWNER), **await whose(viewer, "syncs", tenant),
    )  # fmt: skip


@router.post("")
async def save(change: Annotated[SettingsForm, Form()], viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Change the settings. Refused if somebody else has changed them meanwhile."""
    functions, tenant = functions_of(viewer.backends), viewer.one_tenant(tenant_id)
    changes = change.model_dump(exclude_none=True, exclude={"etag"})
    found = await settings.read_settings(functions, tenant)
    check_match(change.etag, document_of(found))
    with stale_is_refused():
        await settings.save_settings(functions, tenant, changes, replaces=found, actor=viewer.actor)
    return changed("Saved.", to=linker(viewer, "syncs", tenant)("/settings"))


@router.post("/words")
async def save_word(
    viewer: Viewer, connection_type: Annotated[ConnectionType, Form()],
    field: Annotated[Literal["status", "priority"], Form()], word: Annotated[str, Form(max_length=255)],
    value: Annotated[str, Form(max_length=16)] = "", tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Say what a word of a ticket system means; without a value it is removed."""
    await settings.save_value_mapping(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), connection_type, field, word=word,
        value=value or None, actor=viewer.actor,
    )  # fmt: skip
    return changed("Saved." if value else "Removed.")
