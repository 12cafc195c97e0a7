"""`/internal/conversations/{id}/messages`: messages that another system received."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Response, status
from pydantic import AwareDatetime, BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Proposer, TenantId
from control_plane.apps.drafts.inbound import Attachment, InboundMessage
from control_plane.apps.drafts.mail.html import sanitize, to_text
from control_plane.apps.drafts.receive_message import receive_message
from control_plane.apps.drafts.values import ReceivedMessage
from services.clock import utc_now
from services.errors import InvalidInput

router = APIRouter(prefix="/internal/conversations", route_class=StrictRoute, tags=["messages"])
MAX_TEXT = 500_000
"""Characters of a message."""


class File(BaseModel, extra="forbid"):
    """A file of the message. Only its URL is stored, not its content."""

    name: str = Field(min_length=1, max_length=255, examples=["receipt.pdf"])
    content_type: str = Field(min_length=1, max_length=255, examples=["application/pdf"])
    size_bytes: int | None = Field(default=None, ge=0, le=2**31 - 1)
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    reference: str | None = Field(default=None, max_length=2000, description="The URL of the file.")


class NewMessage(BaseModel, extra="forbid"):
    """A message of a customer, or a reply that was sent elsewhere."""

    channel: str | None = Field(
        default=None, min_length=1, max_length=255, examples=["desk@acme.example"],
        description="The `external_id` of the channel. Required unless the path has the id of a conversation.",
    )  # fmt: skip
    direction: Literal["inbound", "outbound"] = "inbound"
    external_id: str | None = Field(
        default=None, min_length=1, max_length=998, examples=["msg-77"],
        description="The id of the message in its channel. A message with the same id and text changes nothing.",
    )  # fmt: skip
    subject: str | None = Field(default=None, max_length=998)
    body_text: str | None = Field(
        default=None, max_length=MAX_TEXT, description="The text of the message, by default made from `body_html`.",
        examples=["Where is my order?"],
    )  # fmt: skip
    body_html: str | None = Field(default=None, max_length=MAX_TEXT)
    sent_at: AwareDatetime | None = Field(default=None, description="By default now.")
    customer_email: str | None = Field(default=None, max_length=320, examples=["kim@customer.example"])
    customer_name: str | None = Field(default=None, max_length=255)
    reply_to: str | None = Field(default=None, max_length=320)
    automatic: Literal["auto_reply", "bounce", "list"] | None = Field(
        default=None, description="The message is automatic: it is stored, and never answered."
    )
    attachments: list[File] = Field(default=[], max_length=100)
    metadata: Mapping[str, Any] = {}
    closes: bool = Field(default=False, description="The conversation is over.")
    status: str | None = Field(default=None, max_length=255, description="The channel's own word for its state.")


@router.post(
    "/{conversation}/messages", status_code=201, responses={200: {"description": "The message was stored before."}}
)
async def receive(
    conversation: Annotated[
        str,
        Path(
            min_length=1, max_length=255,
            description="The id of the conversation; with `channel`, its id in the channel, which may be new.",
        ),
    ],
    body: NewMessage,
    response: Response,
    caller: Proposer,
    tenant_id: TenantId = None,
) -> ReceivedMessage:  # fmt: skip
    """Store a message, once even if it is sent twice. A draft follows when the customer is silent.

    The same id with another text is kept beside the first, and `flagged`. For agents with the scope `propose`, owners
    and reviewers.
    """
    # in a thread, because the HTML of a message may take seconds to read
    received = await receive_message(
        caller.backends, caller.one_tenant(tenant_id), await asyncio.to_thread(_inbound, conversation, body),
        actor=caller.actor,
        conversation=None if body.channel else _conversation_id(conversation), is_ours=body.direction == "outbound",
    )  # fmt: skip
    if not received.created:
        response.status_code = status.HTTP_200_OK
    return received


def _conversation_id(conversation: str) -> UUID:
    try:
        return UUID(conversation)
    except ValueError:
        raise InvalidInput("channel", "is required, because the path has no id of ours") from None


def _inbound(conversation: str, body: NewMessage) -> InboundMessage:
    return InboundMessage(
        channel_external_id=body.channel or "",
        conversation_keys=(conversation,),
        conversation_external_id=conversation,
        external_id=body.external_id,
        subject=body.subject,
        text=to_text(body.body_html or "") if body.body_text is None else body.body_text,
        html=None if body.body_html is None else sanitize(body.body_html),
        sent_at=body.sent_at or utc_now(),
        customer_email=body.customer_email and body.customer_email.lower(),
        customer_name=body.customer_name,
        reply_to=body.reply_to,
        automatic=body.automatic,
        attachments=tuple(Attachment(**file.model_dump()) for file in body.attachments),
        metadata=body.metadata,
        closes=body.closes,
        status=body.status,
    )
