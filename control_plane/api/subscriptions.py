"""Code that the routes of webhooks, Slack notices and e-mail notices share: all three are subscriptions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field

from control_plane.api.answers import Answer
from control_plane.api.identity import Principal
from services.errors import NotFound
from services.subscriptions import Subscription, SubscriptionKind

EventTypes = Annotated[
    list[Annotated[str, Field(max_length=100)]],
    Field(
        min_length=1, max_length=50,
        description="Event types such as `envelope.failed`. `envelope.*` stands for all that begin so.",
    ),
]  # fmt: skip
Description = Annotated[str, Field(max_length=255, examples=["pager"])]


class SubscriptionAnswer(Answer):
    """A subscription to events, without a secret."""

    id: UUID
    tenant_id: UUID
    event_types: list[str] = Field(examples=[["approval.*", "envelope.failed"]])
    description: str
    read_seq: int = Field(description="Seq of the last audit row that was read for events.")
    failures: int = Field(description="How many deliveries became dead letters since the last successful delivery.")
    disabled_at: datetime | None
    disabled_reason: str | None = Field(
        description="Why the subscription is disabled. No events are sent then. Null if it is enabled."
    )
    created_at: datetime
    created_by: str


class SentTest(BaseModel):
    """A test event that is being delivered."""

    envelope_id: UUID = Field(
        description="The envelope that delivers the test event. Read it to see the result of the delivery."
    )


async def list_of_kind(caller: Principal, kind: SubscriptionKind, tenant_id: UUID | None) -> list[Subscription]:
    """The subscriptions of this kind, the oldest first."""
    found = await caller.backends.subscriptions.list_subscriptions(await caller.known_tenant(tenant_id))
    return [subscription for subscription in found if subscription.kind is kind]


async def find_of_kind(
    caller: Principal, kind: SubscriptionKind, subscription_id: UUID, tenant_id: UUID | None
) -> Subscription:
    """The subscription. Raises NotFound, also for a subscription of another kind."""
    found = await caller.backends.subscriptions.list_subscriptions(caller.one_tenant(tenant_id))
    for subscription in found:
        if subscription.id == subscription_id and subscription.kind is kind:
            return subscription
    raise NotFound("webhook" if kind is SubscriptionKind.WEBHOOK else "notice", subscription_id)


async def enable_of_kind(
    caller: Principal, kind: SubscriptionKind, subscription_id: UUID, tenant_id: UUID | None
) -> Subscription:
    """Enable the subscription. Raises NotFound."""
    found = await find_of_kind(caller, kind, subscription_id, tenant_id)
    return await caller.backends.subscriptions.enable(found.tenant_id, found.id, actor=caller.actor)


async def send_test_to(
    caller: Principal, kind: SubscriptionKind, subscription_id: UUID, tenant_id: UUID | None
) -> SentTest:
    """Send a test event to the subscription. Raises NotFound, StateConflict."""
    found, envelope = await find_of_kind(caller, kind, subscription_id, tenant_id), uuid4()
    await caller.backends.subscriptions.test(found.tenant_id, found.id, envelope, actor=caller.actor)
    return SentTest(envelope_id=envelope)


async def delete_of_kind(
    caller: Principal, kind: SubscriptionKind, subscription_id: UUID, tenant_id: UUID | None
) -> None:
    """Delete the subscription. Raises NotFound."""
    found = await find_of_kind(caller, kind, subscription_id, tenant_id)
    await caller.backends.subscriptions.delete(found.tenant_id, found.id, actor=caller.actor)
