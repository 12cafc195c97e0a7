"""Conversations, messages and drafts, as people and programs read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from control_plane.apps.drafts.drafter import DraftRequest
from control_plane.apps.drafts.tenant_values import Channel


class DraftStatus(StrEnum):
    """The state of a draft. The values are a published contract."""

    PENDING = "pending"
    """The draft waits for a person."""
    SENT = "sent"
    """Approved: the reply was handed to the outbox. Its `DeliveryState` says whether it arrived."""
    SUPERSEDED = "superseded"
    """A newer message or draft replaced it."""
    ARCHIVED = "archived"
    """The draft was rejected; its action says why."""


class DraftDecision(StrEnum):
    """The decision of a reviewer."""

    APPROVE = "approve"
    EDIT = "edit"
    """Approve with another text."""
    REJECT = "reject"


class RejectionCode(StrEnum):
    """Why a draft was rejected, in one word."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    TONE = "tone"
    UNSAFE = "unsafe"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class DeliveryState(StrEnum):
    """The delivery state of a reply."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """How soon a reply is due. The tenant's settings have a time span for each priority."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One thread of a channel."""

    tenant_id: UUID
    id: UUID
    channel_id: UUID
    external_id: str
    subject: str | None
    status: str
    """`open`, `closed`, or the channel's own word."""
    customer_email: str | None
    customer_name: str | None
    reply_to: str | None
    """The address to which the newest message wants replies, if it is not the customer's. A person must confirm it."""
    last_message_at: datetime
    unanswered_id: UUID | None
    """The newest message that waits for an answer."""
    unanswered_since: datetime | None
    draft_at: datetime | None
    """When a draft will be written; while it is being written, when to try again."""
    abstained_at: datetime | None
    abstained_reason: str | None
    closed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttachment:
    """A file of a message; the file itself is kept elsewhere."""

    id: UUID
    file_name: str
    mime_type: str
    size_bytes: int
    file_url: str
    sha256: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation: of the customer (`inbound`), ours (`outbound`), or a note (`system`)."""

    id: UUID
    conversation_id: UUID
    external_id: str | None
    direction: str
    subject: str | None
    body_text: str = field(repr=False)
    body_html: str | None = field(default=None, repr=False)
    sent_at: datetime
    received_at: datetime | None = None
    from_address: str | None = None
    reply_to: str | None = None
    automatic: str | None = None
    same_id_as: UUID | None = None
    """The earlier message with the same id and another text."""
    author_user_id: UUID | None = None
    author_name: str | None = None
    archived_at: datetime | None = None
    envelope_id: UUID | None = None
    delivery_state: DeliveryState | None = None
    delivery_error: str | None = None
    delivered_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[StoredAttachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAction:
    """One action of a person on a draft."""

    id: UUID
    draft_id: UUID
    type: DraftDecision
    user_id: UUID
    user_name: str
    notes: str | None
    code: RejectionCode | None = None
    final_text: str | None = field(default=None, repr=False)
    diff_json: Mapping[str, Any] | None = field(default=None, repr=False)
    message_id: UUID | None = None
    sent_msg_id: str | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftState:
    """The fields that drafts have in lists and alone."""

    tenant_id: UUID
    id: UUID
    conversation_id: UUID
    trigger_message_id: UUID | None
    model_key: str
    prompt_version: str
    status: DraftStatus
    version: int
    digest: str
    """The digest of what would be sent: text, address, subject and files. A decision must name it."""
    priority: Priority
    due_at: datetime
    top_sources: tuple[Mapping[str, Any], ...] = ()
    confidence: float | None = None
    language: str | None = None
    topic: str | None = None
    assignee_user_id: UUID | None = None
    snoozed_until: datetime | None = None
    locked_by: UUID | None = None
    locked_until: datetime | None = None
    edited_at: datetime | None = None
    escalated_at: datetime | None = None
    escalated_reason: str | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStart:
    """The beginning of a message, for a list."""

    id: UUID
    sent_at: datetime
    text_start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedDraft(DraftState):
    """A pending draft in the queue."""

    text_start: str
    subject: str | None
    customer_name: str | None
    customer_email: str | None
    channel_id: UUID
    channel_type: str
    recipient_needs_confirmation: bool
    assignee_name: str | None = None
    last_message: MessageStart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(DraftState):
    """A draft as a reviewer is shown it."""

    text: str = field(repr=False)
    """The text as it would be sent now: the saved edit or, without one, the suggested text."""
    html: str | None = field(default=None, repr=False)
    suggested_text: str = field(repr=False)
    suggested_html: str | None = field(default=None, repr=False)
    attachments: tuple[Mapping[str, Any], ...] = ()
    instruction: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    author_user_id: UUID | None = None
    edited_by: UUID | None = None
    escalated_by: UUID | None = None
    recipient: str | None
    """The address of the reply. It comes from the conversation, never from the text of a message."""
    recipient_needs_confirmation: bool
    conversation: Conversation
    channel: Channel
    last_message: Message | None
    """The newest message of the customer."""
    references: tuple[str, ...] = ()
    """The ids of the newest messages of the conversation, the oldest first."""
    locked_by_name: str | None = None
    actions: tuple[DraftAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineDraft(DraftState):
    """A draft in the timeline of its conversation."""

    suggested_text: str = field(repr=False)
    edited_text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A conversation with its newest messages, its drafts, and what people did with them, the oldest first."""

    conversation: Conversation
    channel: Channel
    messages: tuple[Message, ...]
    drafts: tuple[TimelineDraft, ...]
    actions: tuple[DraftAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """The result of receiving a message from a channel."""

    conversation_id: UUID
    message_id: UUID
    created: bool
    """False if the message was stored before; nothing changed then."""
    flagged: bool
    """Whether an earlier message has the same id and another text."""
    needs_draft: bool
    envelope_id: UUID | None = None
    """If the message is a copy of our own reply: the envelope that sent it."""
    delivery_state: DeliveryState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftTask:
    """A conversation that needs a draft, claimed for some minutes."""

    trigger_message_id: UUID
    """The newest message that the draft answers."""
    request: DraftRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedDraft:
    """The result of a decision."""

    draft_id: UUID
    status: DraftStatus
    action_id: UUID
    message_id: UUID | None = None
    envelope_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedDraft:
    """The new version and digest of an edited draft. The next decision must send both."""

    draft_id: UUID
    version: int
    digest: str
