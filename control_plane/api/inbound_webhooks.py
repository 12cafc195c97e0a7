"""`/v1/inbound-webhooks`: addresses to which other systems send signed events."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.api.request_limiter import limit_failed_signatures
from control_plane.api.webhooks import WebhookKey
from services.backends import Backends
from services.clock import utc_now
from services.create_inbound import SignedInbound, create_inbound, rotate_inbound
from services.receive_event import find_sender, receive_event

router = APIRouter(prefix="/v1/inbound-webhooks", route_class=StrictRoute, tags=["inbound webhooks"])
callbacks = APIRouter(
    prefix="/signed/webhooks", route_class=StrictRoute, tags=["inbound webhooks"],
    dependencies=[Depends(limit_failed_signatures)],
)  # fmt: skip
"""Routes that need no token, because the sender signs its requests."""


class InboundAnswer(Answer):
    """An inbound webhook without its secret."""

    id: UUID
    tenant_id: UUID
    name: str = Field(examples=["tickets"])
    tool_slug: str = Field(
        examples=["inbound.tickets"], description="The tool slug of the evidence that its events become."
    )
    secret_version: int
    created_at: datetime
    created_by: str


class SignedInboundAnswer(BaseModel):
    """An inbound webhook with its secret. The secret is not shown again."""

    webhook: InboundAnswer
    path: str = Field(
        examples=["/signed/webhooks/TENANT/WEBHOOK"],
        description="Path of the URL to which the sender posts its events.",
    )
    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class InboundList(BaseModel):
    items: list[InboundAnswer]


class NewInboundWebhook(BaseModel, extra="forbid"):
    """An inbound webhook to create, for one sender."""

    name: str = Field(pattern="^[a-z][a-z0-9_-]{0,62}$", examples=["tickets"])


@router.get("")
async def list_all(caller: Person, tenant_id: TenantId = None) -> InboundList:
    """The inbound webhooks, sorted by name. For users of the tenant."""
    found = await caller.backends.inbound_webhooks.list_inbound(await caller.known_tenant(tenant_id))
    return InboundList(items=[InboundAnswer.model_validate(webhook) for webhook in found])


@router.post("", status_code=201)
async def create(
    body: NewInboundWebhook, caller: Person, key: WebhookKey, tenant_id: TenantId = None
) -> SignedInboundAnswer:
    """Create an inbound webhook. 409 if its name is taken. For owners."""
    return _answer_with_secret(
        await create_inbound(
            caller.backends, caller.one_tenant(tenant_id), body.name, key=key, actor=caller.actor
        )
    )  # fmt: skip


@router.post("/{webhook_id}/rotate-secret")
async def rotate_secret(
    webhook_id: UUID, caller: Person, key: WebhookKey, tenant_id: TenantId = None
) -> SignedInboundAnswer:  # fmt: skip
    """Create a new secret for an inbound webhook. The old one is accepted for 24 more hours. For owners."""
    tenant = caller.one_tenant(tenant_id)
    return _answer_with_secret(await rotate_inbound(caller.backends, tenant, webhook_id, key=key, actor=caller.actor))


@router.delete("/{webhook_id}", status_code=204)
async def delete(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Delete an inbound webhook. The evidence that it received is kept. For owners."""
    await caller.backends.inbound_webhooks.delete(caller.one_tenant(tenant_id), webhook_id, actor=caller.actor)


@callbacks.post("/{tenant_id}/{webhook_id}", status_code=204)
async def receive(tenant_id: UUID, webhook_id: UUID, request: Request, key: WebhookKey) -> None:
    """Receive an event from another system and store it as evidence. It must have a Standard Webhooks signature."""
    backends: Backends = request.app.state.access.operator
    body = await request.body()
    sender = await find_sender(backends, tenant_id, webhook_id, body, request.headers, key=key, now=utc_now())
    await request.app.state.limiter.count_sender(request, tenant_id, f"webhook:{webhook_id}")
    await receive_event(backends, sender, body, event_id=request.headers["webhook-id"])


def _answer_with_secret(signed: SignedInbound) -> SignedInboundAnswer:
    webhook = signed.webhook
    return SignedInboundAnswer(
        webhook=InboundAnswer.model_validate(webhook), secret=signed.secret,
        path=webhook.path,
    )  # fmt: skip
