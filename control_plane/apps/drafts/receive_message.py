"""Receive a message of a customer: store it once, in its conversation, and ask for a draft when it needs a reply."""

from uuid import UUID

from control_plane.apps.drafts.inbound import InboundMessage, to_document
from control_plane.apps.drafts.store import functions_of, messages
from control_plane.apps.drafts.values import ReceivedMessage
from services.backends import Backends
from services.envelope import Actor


async def receive_message(
    backends: Backends,
    tenant: UUID,
    message: InboundMessage,
    *,
    actor: Actor,
    channel: UUID | None = None,
    conversation: UUID | None = None,
    is_ours: bool = False,
) -> ReceivedMessage:
    """Store the message. A message that is already stored changes nothing, even if messages arrive in another order.

    The channel is the one with the message's `channel_external_id`, unless `channel` or `conversation` names another.
    `is_ours` is true for a reply that was sent elsewhere, or that came back to our own mailbox. It answers the messages
    before it. Raises NotFound for an unknown channel or conversation, InvalidInput, NotReady.
    """
    document = {**to_document(message), "direction": "outbound" if is_ours else "inbound"}
    return await messages.receive(
        functions_of(backends), tenant, document, channel=channel, conversation=conversation, actor=actor
    )
