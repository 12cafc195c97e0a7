"""`/console/knowledge`: the documents that drafts cite, what was imported, and the corrections that people made."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.corrections import approve_correction, list_corrections, retire_correction
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.backends.functions import by
from services.tenants import TenantRole

router = APIRouter(prefix="/knowledge")
PAGE_SIZE = 50
IMPORTS = 10
STATES = ("proposed", "approved", "retired")


@router.get("")
async def show_documents(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None,
    begins: Annotated[str, Query(max_length=2048)] = "", after: Annotated[str, Query(max_length=2048)] = "",
) -> Response:  # fmt: skip
    """The documents of a tenant by address, and the newest imports."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Knowledge")
    tenant = await viewer.known_tenant(tenant_id)
    functions, caller = functions_of(viewer.backends), {"tenant": tenant, **by(viewer.actor)}
    found = await functions.call(
        "drafts.list_documents", begins=begins.strip(), after=after, max_documents=PAGE_SIZE + 1, **caller
    )
    page = found[:PAGE_SIZE]
    return render(
        request, "drafts/knowledge.html", documents=page,
        imports=await functions.call("drafts.list_imports", max_imports=IMPORTS, **caller),
        next=page[-1]["source_url"] if len(found) > PAGE_SIZE else None, **await whose(viewer, "knowledge", tenant),
    )  # fmt: skip


@router.get("/corrections")
async def show_corrections(
    request: Request, viewer: Viewer, tenant_id: UUID | None = None, state: str = "proposed"
) -> Response:
    """The corrections of a tenant in one state."""
    tenant = await viewer.known_tenant(tenant_id)
    chosen = state if state in STATES else STATES[0]
    return render(
        request, "drafts/corrections.html", state=chosen, states=STATES,
        corrections=await list_corrections(functions_of(viewer.backends), tenant, actor=viewer.actor, status=chosen),
        may_decide=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER), **await whose(viewer, "knowledge", tenant),
    )  # fmt: skip


@router.post("/corrections/{correction_id}/approve")
async def approve(correction_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Approve a correction, so that drafts use it."""
    tenant = viewer.one_tenant(tenant_id)
    await approve_correction(functions_of(viewer.backends), tenant, correction_id, actor=viewer.actor)
    return changed("Approved. The next similar question is answered with it.", to=_proposed_count(viewer, tenant))


@router.post("/corrections/{correction_id}/retire")
async def retire(correction_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Retire an approved correction, or reject a proposed one."""
    tenant = viewer.one_tenant(tenant_id)
    await retire_correction(functions_of(viewer.backends), tenant, correction_id, actor=viewer.actor)
    return changed("Drafts do not use this correction.", to=_proposed_count(viewer, tenant))


def _proposed_count(viewer: Viewer, tenant: UUID) -> str:
    return linker(viewer, "knowledge", tenant)("/corrections")
