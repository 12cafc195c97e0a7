"""`/console/tokens`: the API tokens with which agents call."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.console.own_tenant import choose_tenant, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.api_tokens import TokenScope
from services.clock import utc_now
from services.issue_api_token import MAX_TOKEN_TIME, issue_api_token
from services.tenants import TenantRole

router = APIRouter(prefix="/tokens")


@router.get("")
async def show_list(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The tokens of a tenant's agents."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Tokens")
    tenant = await viewer.known_tenant(tenant_id)
    return render(
        request, "tokens/list.html", tokens=await viewer.backends.api_tokens.list_tokens(tenant),
        scopes=list(TokenScope), max_days=MAX_TOKEN_TIME.days, now=utc_now(), **await _template_values(viewer, tenant),
    )  # fmt: skip


@router.post("/issue")
async def issue(
    request: Request,
    viewer: Viewer,
    tenant_id: UUID | None = None,
    agent: Annotated[str, Form(max_length=1000)] = "",
    scopes: Annotated[list[TokenScope], Form()] = [],  # noqa: B006  # FastAPI copies it
    days: Annotated[int, Form(ge=0, le=100_000)] = 0,
) -> Response:
    """Issue a token. The answer shows its secret; it is not shown again."""
    tenant = viewer.one_tenant(tenant_id)
    issued = await issue_api_token(
        viewer.backends, tenant, agent.strip(), scopes=scopes, lives_for=timedelta(days=days), actor=viewer.actor
    )
    return render(request, "tokens/issued.html", issued=issued, headers={"HX-Trigger": '{"acp:refresh": {}}'})


@router.post("/{token_id}/revoke")
async def revoke(token_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """End a token now."""
    await viewer.backends.api_tokens.revoke(viewer.one_tenant(tenant_id), token_id, actor=viewer.actor)
    return changed("Token revoked.")


async def _template_values(viewer: Viewer, tenant: UUID) -> dict[str, Any]:
    return {**await whose(viewer, "tokens", tenant), "may_change": may(viewer, TenantRole.OWNER)}
