"""Shopify's webhooks of orders: the note that a customer leaves is a message; a cancelled order closes its
conversation."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from control_plane.apps.drafts.channels.payloads import Delivered, Id, Payload, Text, address_of, moment_of, read_as
from control_plane.apps.drafts.inbound import InboundMessage


class Customer(Payload):
    """The customer of an order."""

    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None


class Order(Payload):
    """An order with the note of its customer."""

    id: Id = Field(min_length=1)
    name: Text | None = None
    email: Text | None = None
    note: Text | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    cancelled_at: datetime | None = None
    customer: Customer | None = None


def _digest(order: Order) -> str:
    """A part of the message's id for an order without a time, so that a repeated request is not another message."""
    return hashlib.sha256(f"{order.note}\0{order.cancelled_at}".encode()).hexdigest()[:16]


def read(payload: Mapping[str, Any], *, channel: str, now: datetime) -> Delivered | None:
    """The note of an order as a message; None if the order has no note and is not cancelled. Raises InvalidInput.

    A changed note is a new message, because its id contains the time of the change.
    """
    order = read_as(Order, payload)
    closes = order.cancelled_at is not None
    if not (order.note or "").strip() and not closes:
        return None
    person = order.customer or Customer()
    thread = f"order:{order.id}"
    changed_at = order.updated_at or order.created_at
    return Delivered(
        message=InboundMessage(
            channel_external_id=channel,
            conversation_keys=(thread,),
            conversation_external_id=thread,
            external_id=f"{thread}:{changed_at.isoformat() if changed_at else _digest(order)}",
            subject=f"Order {order.name or order.id}",
            text=order.note or "",
            sent_at=moment_of(changed_at, now),
            customer_email=address_of(order.email or person.email),
            customer_name=" ".join(filter(None, [person.first_name, person.last_name])) or None,
            closes=closes,
            status="cancelled" if closes else None,
        )
    )
