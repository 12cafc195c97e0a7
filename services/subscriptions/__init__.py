"""Subscriptions to the events of a tenant: where they are sent, how, and which.

Each event is delivered by an envelope that the worker executes. Its tool is the subscription itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from services.envelope import Actor, ActorType, Door

TOOL_PREFIX = "control_plane__event."
"""The prefix of the tool slug of envelopes that deliver events, followed by the id of the subscription. These envelopes
cause no events themselves."""
DELIVERY_ACTOR = Actor(type=ActorType.SYSTEM, id="event_delivery", door=Door.JOB)
"""The actor that proposes deliveries of events. A delivery from another proposer is denied."""
MAX_WAITING = 100
"""Deliveries of one subscription that may wait. Further events stay in the audit log until some have ended."""
MAIL_INTERVAL = timedelta(minutes=1)
"""The shortest time between two e-mails of one subscription."""
MAX_FAILURES_IN_A_ROW = 10
"""A subscription is disabled after this many deliveries in a row have become dead letters."""
MAX_SUBSCRIPTIONS = 20
"""The most subscriptions of one tenant."""


class SubscriptionKind(StrEnum):
    """How events are sent."""

    WEBHOOK = "webhook"
    """A signed HTTP request, as Standard Webhooks specifies."""
    SLACK = "slack"
    """A message in a Slack channel."""
    EMAIL = "email"
    """An e-mail about all events since the last e-mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One row of `event_subscriptions`. It holds no secret."""

    tenant_id: UUID
    id: UUID
    kind: SubscriptionKind
    target: str
    """The URL of a webhook, the id of a Slack channel, or addresses separated by commas."""
    via: str | None = None
    """The name of a Slack app in ACP_SLACK_APPS; None for other kinds."""
    event_types: tuple[str, ...]
    """The wanted event types, such as `approval.requested`, or `envelope.*` for all events about envelopes."""
    description: str = ""
    secret_version: int = 1
    secret_rotated_at: datetime | None = None
    """When the secret was last rotated. The old one also signs for a day after that."""
    read_seq: int
    """The position of the subscription: the seq of the last audit row that was made into events."""
    failures: int = 0
    """Deliveries that became dead letters since the last success."""
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
    mailed_at: datetime | None = None
    """When the last e-mail of this subscription was enqueued; None for other kinds. At first this is the time of an
    e-mail subscription that the tenant deleted less than MAIL_INTERVAL before, if there is one."""
    created_at: datetime
    created_by: str

    @property
    def tool_slug(self) -> str:
        """The tool slug of the envelopes that deliver to this subscription."""
        return f"{TOOL_PREFIX}{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """A new subscription: the target, and the wanted types of events."""

    id: UUID
    kind: SubscriptionKind
    target: str
    via: str | None = None
    event_types: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class SubscriptionKey:
    """Tenant and id."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event, and the envelope that delivers it."""

    envelope_id: UUID
    event: dict[str, Any] = field(repr=False)
    """The body of the request, with the fields `id`, `type`, `timestamp` and `data`."""
    ordering_key: str
    """Events with the same key are delivered one after the other."""


class Subscriptions(Protocol):
    """The subscriptions of all tenants."""

    async def list_subscriptions(self, tenant: UUID) -> list[Subscription]:
        """The subscriptions of a tenant, the oldest first."""

    async def create(self, tenant: UUID, new: NewSubscription, *, actor: Actor) -> Subscription:
        """Subscribe to events from now on. Raises NotFound for an unknown tenant, InvalidInput for an invalid
        field.

        If the tenant deleted an e-mail subscription within MAIL_INTERVAL, the next e-mail is sent MAIL_INTERVAL after
        the last one of the deleted subscription.
        """

    async def rotate_secret(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        """Create a new signing secret; for a day, the old one also signs. Raises NotFound."""

    async def enable(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        """Deliver to a disabled subscription again, from the first event that it has not received. Raises NotFound."""

    async def delete(self, tenant: UUID, id: UUID, *, actor: Actor) -> Subscription:  # noqa: A002
        """Delete a subscription, and cancel its waiting deliveries. Raises NotFound."""

    async def test(self, tenant: UUID, id: UUID, envelope: UUID, *, actor: Actor) -> None:  # noqa: A002
        """Send a test event by an envelope with this id.

        Raises NotFound; StateConflict if the subscription is disabled, MAX_WAITING deliveries wait, or one of its
        addresses got an e-mail within MAIL_INTERVAL.
        """

    async def due(self, tenant: UUID | None = None) -> list[SubscriptionKey]:
        """The subscriptions, of one tenant or of all, with new audit rows or ended deliveries. Only for operators.

        A subscription with new rows but no room for a delivery is left out. An e-mail subscription has room while no
        delivery waits and the last e-mail to each of its addresses was enqueued at least MAIL_INTERVAL ago. Of e-mail
        subscriptions, the one that has waited longest comes first.
        """

    async def count_deliveries(self, key: SubscriptionKey) -> tuple[Subscription, int] | None:
        """Count the deliveries that have ended since the last call. After MAX_FAILURES_IN_A_ROW failures in a row,
        disable the subscription.

        Returns the subscription and how many deliveries wait; None if it was deleted. Only for operators.
        """

    async def deliver(
        self, key: SubscriptionKey, *, after: int, up_to: int, deliveries: Sequence[Delivery]
    ) -> bool:  # fmt: skip
        """Enqueue the deliveries of the audit rows after seq `after` up to seq `up_to`, and store `up_to` as the
        position of the subscription (`read_seq`).

        Returns False, and changes nothing, if the subscription was deleted, is disabled, got an e-mail within
        MAIL_INTERVAL, or has another position than `after`. Only for operators.
        """
