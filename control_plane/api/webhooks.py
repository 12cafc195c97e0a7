"""`/v1/webhooks`: URLs to which the tenant's signed events are sent."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, TenantId
from control_plane.api.problems import Problem
from control_plane.api.subscriptions import (
    Description,
    EventTypes,
    SentTest,
    SubscriptionAnswer,
    delete_of_kind,
    enable_of_kind,
    find_of_kind,
    list_of_kind,
    send_test_to,
)
from control_plane.apps import event_types
from services.rotate_webhook_secret import rotate_webhook_secret
from services.subscribe import SignedSubscription, subscribe_webhook
from services.subscriptions import SubscriptionKind

router = APIRouter(prefix="/v1/webhooks", route_class=StrictRoute, tags=["webhooks"])

WEBHOOK = SubscriptionKind.WEBHOOK


class WebhookAnswer(SubscriptionAnswer):
    """A webhook without its secret."""

    url: str = Field(validation_alias="target", examples=["https://example.com/hooks"])
    secret_version: int


class SignedWebhook(BaseModel):
    """A webhook with its secret. The secret is not shown again."""

    webhook: WebhookAnswer
    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookList(BaseModel):
    items: list[WebhookAnswer]


class NewWebhook(BaseModel, extra="forbid"):
    """A webhook to create: which events are sent to which URL."""

    url: str = Field(min_length=1, max_length=1024, examples=["https://example.com/hooks"])
    event_types: EventTypes = Field(examples=[["approval.*", "envelope.failed"]])
    description: Description = ""


async def _webhook_key(request: Request) -> str:
    key: str | None = request.app.state.webhook_key
    if key is None:
        raise Problem(503, "webhooks: this installation cannot sign them; ask its operator to set ACP_WEBHOOK_KEY")
    return key


WebhookKey = Annotated[str, Depends(_webhook_key)]


@router.get("")
async def list_all(caller: Person, tenant_id: TenantId = None) -> WebhookList:
    """The webhooks of the tenant, the oldest first. For users of the tenant."""
    found = await list_of_kind(caller, WEBHOOK, tenant_id)
    return WebhookList(items=[WebhookAnswer.model_validate(webhook) for webhook in found])


@router.post("", status_code=201)
async def create(body: NewWebhook, caller: Person, key: WebhookKey, tenant_id: TenantId = None) -> SignedWebhook:
    """Send the events of some types to a URL, from now on. For owners."""
    created = await subscribe_webhook(
        caller.backends, caller.one_tenant(tenant_id), body.url, body.event_types, description=body.description,
        key=key, actor=caller.actor, more_types=event_types(),
    )  # fmt: skip
    return _answer_with_secret(created)


@router.post("/{webhook_id}/rotate-secret")
async def rotate_secret(
    webhook_id: UUID, caller: Person, key: WebhookKey, tenant_id: TenantId = None
) -> SignedWebhook:  # fmt: skip
    """Create a new secret for a webhook. For 24 hours, deliveries are also signed with the old one. For owners."""
    webhook = await find_of_kind(caller, WEBHOOK, webhook_id, tenant_id)
    rotated = await rotate_webhook_secret(
        caller.backends, webhook.tenant_id, webhook.id, key=key, actor=caller.actor
    )  # fmt: skip
    return _answer_with_secret(rotated)


@router.post("/{webhook_id}/enable")
async def enable(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> WebhookAnswer:
    """Enable a disabled webhook: send events again, from the first one that it has not received. For owners."""
    return WebhookAnswer.model_validate(await enable_of_kind(caller, WEBHOOK, webhook_id, tenant_id))


@router.post("/{webhook_id}/test", status_code=202)
async def send_test(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> SentTest:
    """Send an event of type `webhook.test`. For owners."""
    return await send_test_to(caller, WEBHOOK, webhook_id, tenant_id)


@router.delete("/{webhook_id}", status_code=204)
async def delete(webhook_id: UUID, caller: Person, tenant_id: TenantId = None) -> None:
    """Delete a webhook. Waiting deliveries are cancelled. For owners."""
    await delete_of_kind(caller, WEBHOOK, webhook_id, tenant_id)


def _answer_with_secret(signed: SignedSubscription) -> SignedWebhook:
    return SignedWebhook(webhook=WebhookAnswer.model_validate(signed.subscription), secret=signed.secret)
