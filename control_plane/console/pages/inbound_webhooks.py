"""`/console/subscriptions/inbound`: addresses to which other systems send events, which become evidence."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.webhooks import WebhookKey
from control_plane.console.pages.subscriptions import common
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.create_inbound import SignedInbound, create_inbound, rotate_inbound

router = APIRouter(prefix="/subscriptions/inbound")


@router.get("")
async def show_list(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The inbound webhooks of a tenant."""
    tenant = await viewer.known_tenant(tenant_id)
    return render(
        request, "subscriptions/inbound.html", webhooks=await viewer.backends.inbound_webhooks.list_inbound(tenant),
        address=_address(request), is_possible=request.app.state.webhook_key is not None,
        **await common(viewer, tenant),
    )  # fmt: skip


@router.post("/add")
async def add(
    request: Request,
    viewer: Viewer,
    key: WebhookKey,
    name: Annotated[str, Form(max_length=255)] = "",
    tenant_id: UUID | None = None,
) -> Response:
    """Create an inbound webhook. The answer shows the secret of its sender; it is not shown again."""
    tenant = viewer.one_tenant(tenant_id)
    signed = await create_inbound(viewer.backends, tenant, name.strip(), key=key, actor=viewer.actor)
    return _show_secret(request, signed)


@router.post("/{webhook_id}/rotate")
async def rotate(
    request: Request, webhook_id: UUID, viewer: Viewer, key: WebhookKey, tenant_id: UUID | None = None
) -> Response:
    """Create a new secret. The answer shows it; it is not shown again."""
    tenant = viewer.one_tenant(tenant_id)
    return _show_secret(
        request, await rotate_inbound(viewer.backends, tenant, webhook_id, key=key, actor=viewer.actor)
    )  # fmt: skip


@router.post("/{webhook_id}/delete")
async def delete(webhook_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Delete the inbound webhook."""
    await viewer.backends.inbound_webhooks.delete(viewer.one_tenant(tenant_id), webhook_id, actor=viewer.actor)
    return changed("Inbound webhook deleted.")


def _address(request: Request) -> str:
    """The base URL of the API, as the person's browser reaches it."""
    return f"{request.url.scheme}://{request.url.netloc}"


def _show_secret(request: Request, signed: SignedInbound) -> Response:
    return render(
        request, "subscriptions/secret.html", name=f"{_address(request)}{signed.webhook.path}", secret=signed.secret,
        to=None, headers={"HX-Trigger": '{"acp:refresh": {}}'},
    )  # fmt: skip
