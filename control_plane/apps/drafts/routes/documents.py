"""`/v1/documents`: what replies are based on, and the imports that read it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Reader, TenantId
from control_plane.api.pages import After, Cursors, Page, page_of
from control_plane.apps.drafts.knowledge.indexed import DocumentKind
from control_plane.apps.drafts.store import functions_of, imports
from control_plane.apps.drafts.store.imports import DocumentState, Import

router = APIRouter(prefix="/v1/documents", route_class=StrictRoute, tags=["documents"])


class ImportList(BaseModel):
    """Imports, the newest first."""

    items: list[Import]


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    kind: Annotated[DocumentKind | None, Query(description="Only documents of this kind.")] = None,
    begins: Annotated[str, Query(max_length=1000, description="Only addresses that begin with this text.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="Maximum number of rows on a page.")] = 50,
    after: After = None,
) -> Page[DocumentState]:
    """The documents that replies may cite, by address: when each was read, or why that failed."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("documents", tenant, kind, begins)
    key = cursors.read_key(after)
    rows = await imports.list_documents(
        functions_of(caller.backends), tenant, kind=kind, begins=begins, after=key[0] if key else "", limit=limit + 1,
        actor=caller.actor,
    )  # fmt: skip
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write_key(shown[-1].source_url, "") if has_more else None)


@router.get("/imports")
async def list_imports(
    caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> ImportList:
    """The imports of documents, goldens and corrections, the newest first."""
    tenant = await caller.known_tenant(tenant_id)
    return ImportList(
        items=await imports.list_imports(functions_of(caller.backends), tenant, limit=limit, actor=caller.actor)
    )
