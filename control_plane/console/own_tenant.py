"""Pages about one tenant: a user's own, or the one that an operator chose."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.console.paths import ROOT
from control_plane.console.render import render
from services.tenants import TenantRole

Link = Callable[..., str]
"""Makes the URL of a page of the noun, such as `link("/versions", before=3)`."""


def linker(viewer: Principal, noun: str, tenant: UUID) -> Link:
    """A function that makes links. For an operator, each link has the chosen tenant."""

    def link(path: str = "", **parameters: object) -> str:
        chosen = {} if viewer.tenant_id is not None else {"tenant_id": tenant}
        query = urlencode({**chosen, **parameters})
        return f"{ROOT}/{noun}{path}" + (f"?{query}" if query else "")

    return link


async def whose(viewer: Principal, noun: str, tenant: UUID) -> dict[str, Any]:
    """Template values about the tenant: its id and, for an operator, its name."""
    name = None if viewer.tenant_id is not None else (await viewer.backends.tenants.get(tenant)).name
    return {"tenant": tenant, "tenant_name": name, "link": linker(viewer, noun, tenant)}


async def choose_tenant(request: Request, viewer: Principal, noun: str) -> Response:
    """The page on which an operator chooses a tenant."""
    return render(request, "choose_tenant.html", noun=noun, tenants=await viewer.backends.tenants.list_tenants())


def may(viewer: Principal, *roles: TenantRole) -> bool:
    """Whether to offer a change: to operators and to users with one of these roles. The database decides again."""
    return viewer.tenant_id is None or viewer.role in roles
