"""`/v1/webhooks`: URLs to which the tenant's signed events are sent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Principal, TenantId
from control_plane.api.problems import Problem
from services.errors import NotFound
from services.rotate_webhook_secret import rotate_webhook_secret
from services.subscribe import SignedSubscription, subscribe_webhook
from services.subscriptions import Subscription, SubscriptionKind

router = APIRouter(prefix="/v1/webhooks", route_class=StrictRoute, tags=["webhooks"])


class WebhookAnswer(Answer):
    """A webhook without its secret."""

    id: UUID
    tenant_id: UUID
    url: str = Field(validation_alias="target", examples=["https://example.com/hooks"])
    event_types: list[str] = Field(examples=[["approval.*", "envelope.failed"]])
    description: str
    secret_version: int
    read_seq: int = Field(description="Seq of the last audit row that was read for events.")
    failures: int = Field(description="How many deliveries became dead letters since the last successful delivery.")
    disabled_at: datetime | None
    disabled_reason: str | None = Field(
        description="Why the webhook is disabled: no events are sent. Null if it is enabled."
    )
    created_at: datetime
    created_by: str


class SignedWebhook(BaseModel):
    """A webhook with its secret, which is shown this once."""

    webhook: WebhookAnswer
    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookList(BaseModel):
    items: list[WebhookAnswer]


class Sent(BaseModel):
    """A test event that is being delivered."""

    envelope_id: UUID = Field(
        description="The envelope that delivers the test event. Read it to see the result of the delivery."
    )


class Subscribe(BaseModel, extra="forbid"):
    url: str = Field(min_length=1, max_length=1024, examples=["https://example.com/hooks"])
    event_types: list[Annotated[str, Field(max_length=100)]] = Field(
        min_length=1, max_length=50, examples=[["approval.*", "envelope.failed"]],
        description="Event types such as `envelope.failed`. `envelope.*` stands for all that begin so.",
    )  # fmt: skip
    description: str = Field(default="", max_length=255, examples=["pager"])


def _webhook_key(request: Request) -> str:
    key: str | None = request.app.state.webhook_key
    if key is None:
        raise Problem(503, "webhooks: this installation cannot sign them; ask its operator to set ACP_WEBHOOK_KEY")
    return key


WebhookKey = Annotated[str, Depends(_webhook_key)]


@router.get("")
async def list_all(caller: Person, tenant_id: TenantId = None) -> WebhookList:
    """The webhooks of the tenant, the oldest first. For users of the tenant."""
    found = await caller.backends.subscriptions.list_subscriptions(await caller.known_tenant(tenant_id))
    webhooks = [webhook for webhook in found if webhook.kind is SubscriptionKind.WEBHOOK]
    return WebhookList(items=[WebhookAnswer.model_validate(webhook) for webhook in webhooks])


@router.post("", status_code=201)
async def create(body: Subscribe, caller: Person, key: WebhookKey, tenant_id: TenantId = None) -> SignedWebhook:
    """Send the events of some types to a URL, from now on. For owners."""
    created = await subscribe_webhook(
        caller.backends, caller.one_tenant(tenant_id), body.url, body.event_types, description=body.description,
        key=key, actor=caller.actor,
    )  # fmt: skip
    return _answer(created)


@router.post("/{webhook_id}/rotate-secret")
async def rotate_secret(
    webhook_id: UUID, caller: Person, key: WebhookKey, tenant_id: TenantId = None
) -> SignedWebhook:  # fmt: skip
    """Create a new secret for a webhook. For 24 hours, deliveries are also signed with the old one. For owners."""
    webhook = await _find(caller, webhook_id, tenant_id)
    rotated = await rotate_webhook_secret(
        caller.backends, webhook.tenant_id, webhook.id, key=key, actor=caller.actor
    )  # fmt: skip
    return _answer(rotated)


@router.post("/{webhook_id}/enable")
async def enable(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> WebhookAnswer:
    """Enable a disabled webhook: send events again, from the first one that it has not received. For owners."""
    webhook = await _find(caller, webhook_id, tenant_id)
    enabled = await caller.backends.subscriptions.enable(webhook.tenant_id, webhook.id, actor=caller.actor)
    return WebhookAnswer.model_validate(enabled)


@router.post("/{webhook_id}/test", status_code=202)
async def send_test(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> Sent:
    """Send an event of type `webhook.test`. For owners."""
    webhook, envelope = await _find(caller, webhook_id, tenant_id), uuid4()
    await caller.backends.subscriptions.test(webhook.tenant_id, webhook.id, envelope, actor=caller.actor)
    return Sent(envelope_id=envelope)


@router.delete("/{webhook_id}", status_code=204)
async def delete(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Delete a webhook. Waiting deliveries are cancelled. For owners."""
    webhook = await _find(caller, webhook_id, tenant_id)
    await caller.backends.subscriptions.delete(webhook.tenant_id, webhook.id, actor=caller.actor)


async def _find(caller: Principal, webhook_id: UUID, tenant_id: UUID | None) -> Subscription:
    """The webhook. Raises NotFound, also for a subscription of another kind."""
    found = await caller.backends.subscriptions.list_subscriptions(caller.one_tenant(tenant_id))
    for subscription in found:
        if subscription.id == webhook_id and subscription.kind is SubscriptionKind.WEBHOOK:
            return subscription
    raise NotFound("webhook", webhook_id)


def _answer(signed: SignedSubscription) -> SignedWebhook:
    return SignedWebhook(webhook=WebhookAnswer.model_validate(signed.subscription), secret=signed.secret)
