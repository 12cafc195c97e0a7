"""The interface of drafters: what a drafter gets, and what it returns.

A drafter writes the reply to a conversation, or says why it cannot. It decides nothing else: the recipients come from
the conversation, and a person decides about the reply.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMessage:
    """One message of the conversation, as the customer or we wrote it."""

    direction: Literal["inbound", "outbound"]
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """Everything that a drafter may read.

    `messages` has the oldest first. The reply must answer the inbound messages after our last reply. `instruction` is
    the wish of a reviewer who had the draft written again.
    """

    tenant_id: UUID
    conversation_id: UUID
    channel_type: str
    subject: str | None = None
    customer_name: str | None = None
    messages: tuple[HistoryMessage, ...] = ()
    instruction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSource:
    """A stored document that the reply is based on. `score` is its similarity to the question, from 0 to 1."""

    title: str
    url: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedReply:
    """The text of a reply, what it is based on, and what it cost. It has at least one source.

    `model_key` and `prompt_version` identify the model and the prompt; `confidence` is from 0 to 1; `language` is an
    ISO 639-1 code.
    """

    text: str
    html: str | None = None
    sources: tuple[CitedSource, ...]
    confidence: float | None = None
    language: str | None = None
    model_key: str
    prompt_version: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstained:
    """The answer of a drafter that wrote no draft, with the reason. `best_score` is the similarity of the best passage,
    None if there was none."""

    reason: str
    best_score: float | None = None


class Drafter(Protocol):
    """Writes replies."""

    async def draft(self, request: DraftRequest) -> DraftedReply | Abstained:
        """The reply to the last inbound messages of the conversation, or the reason why there is none."""
