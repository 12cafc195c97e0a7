"""Receive messages, and read conversations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.drafts.values import Conversation, Message, ReceivedMessage, Timeline
from services.backends.functions import Functions, by
from services.envelope import Actor

_RECEIVED = TypeAdapter(ReceivedMessage)
_TIMELINE = TypeAdapter(Timeline)
_CONVERSATIONS = TypeAdapter(list[Conversation])
_MESSAGES = TypeAdapter(list[Message])


async def receive(
    functions: Functions,
    tenant: UUID,
    message: dict[str, Any],
    *,
    channel: UUID | None,
    conversation: UUID | None,
    actor: Actor,
) -> ReceivedMessage:
    """See drafts.receive_message. Raises NotFound, InvalidInput."""
    answer = await functions.call(
        "drafts.receive_message", tenant=tenant, message=message, channel=channel, conversation=conversation,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _RECEIVED.validate_python(answer)


async def read_conversation(
    functions: Functions, tenant: UUID, conversation: UUID, *, max_messages: int = 100
) -> Timeline | None:
    """The conversation and its timeline; None if the tenant has no such conversation."""
    row = await functions.call(
        "drafts.read_conversation", tenant=tenant, conversation=conversation, max_messages=max_messages
    )
    return None if row is None else _TIMELINE.validate_python({**row, "conversation": row})


async def list_conversations(
    functions: Functions, tenant: UUID, *, status: str = "open", customer: str | None = None,
    before: tuple[datetime, UUID] | None = None, limit: int = 50,
) -> list[Conversation]:  # fmt: skip
    """A page of conversations, those with the newest message first. With `customer` (an address; upper and lower case
    are equal), `status` is ignored."""
    moment, id_ = before or (None, None)
    rows = await functions.call(
        "drafts.list_conversations", tenant=tenant, max_conversations=limit, status=status, customer=customer,
        before=moment, before_id=id_,
    )  # fmt: skip
    return _CONVERSATIONS.validate_python(rows)


async def list_abstained(functions: Functions, tenant: UUID, *, limit: int = 50) -> list[Conversation]:
    """Conversations for which no answer was found and nobody has answered since, the longest waiting first."""
    rows = await functions.call("drafts.list_abstained", tenant=tenant, max_conversations=limit)
    return _CONVERSATIONS.validate_python(rows)


async def list_messages(
    functions: Functions, tenant: UUID, conversation: UUID, *, before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Message]:  # fmt: skip
    """A page of the messages of a conversation, the newest first."""
    moment, id_ = before or (None, None)
    rows = await functions.call(
        "drafts.list_messages", tenant=tenant, conversation=conversation, max_messages=limit, before=moment,
        before_id=id_,
    )  # fmt: skip
    return _MESSAGES.validate_python(rows)


async def add_note(functions: Functions, tenant: UUID, conversation: UUID, note: str, *, actor: Actor) -> UUID:
    """Add a note of a person. Returns the id of its message. Raises NotFound, InvalidInput."""
    answer = await functions.call(
        "drafts.add_note", tenant=tenant, conversation=conversation, note=note, **by(actor), as_of=functions.as_of()
    )
    return UUID(answer["message_id"])
