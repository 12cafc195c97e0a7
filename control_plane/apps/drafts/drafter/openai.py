"""A drafter that asks a model at any endpoint with OpenAI's chat completions, and another drafter when the model fails.

Every call is recorded with its tokens and cost, also a failed one, and counts towards the tenant's budget.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from control_plane.apps.drafts.drafter import Abstained, CitedSource, DraftedReply, Drafter, DraftRequest
from control_plane.apps.drafts.drafter.prompt import (
    ANSWER_SCHEMA,
    ModelAnswer,
    Passage,
    Prompt,
    chat_messages,
    read_answer,
)
from control_plane.chat import Asked, ChatModel, Usage

Search = Callable[[DraftRequest], Awaitable[Sequence[Passage]]]
"""Finds the passages that may answer the conversation, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call of a model. `failure` says why its answer was not used; None if it was."""

    tenant_id: UUID
    conversation_id: UUID
    model_key: str
    prompt_version: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAccount:
    """A tenant's prompt, and its budget of this month in USD."""

    prompt: Prompt
    budget_usd: Decimal
    spent_usd: Decimal


class ModelAccounts(Protocol):
    """Reads the prompt and the budget of tenants, and records their model calls."""

    async def read(self, tenant_id: UUID) -> ModelAccount:
        """The prompt and budget as they are now."""

    async def record(self, call: ModelCall) -> None:
        """Store the call and add its cost to the costs of the month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAiDrafter:
    """Writes drafts with a model. `fallback` writes the draft whenever the model cannot."""

    model: ChatModel
    accounts: ModelAccounts
    search: Search
    fallback: Drafter

    async def draft(self, request: DraftRequest) -> DraftedReply | Abstained:
        """The model's reply. The fallback's reply if there are no passages, the budget is used up, or the answer is
        unusable."""
        passages = await self.search(request)
        if not passages:
            return await self.fallback.draft(request)
        account = await self.accounts.read(request.tenant_id)
        asked = await self._ask(account, request, passages)
        await self.accounts.record(
            ModelCall(
                tenant_id=request.tenant_id,
                conversation_id=request.conversation_id,
                model_key=self.model.endpoint.model,
                prompt_version=account.prompt.version,
                input_tokens=asked.usage.input_tokens,
                output_tokens=asked.usage.output_tokens,
                cost_usd=asked.usage.cost_usd,
                failure=asked.failure,
            )
        )
        if asked.answer is None:
            return await self.fallback.draft(request)
        if not asked.answer.answered:
            return Abstained(reason="the model found no answer in the passages", best_score=passages[0].score)
        return self._reply(asked.answer, passages, account.prompt, asked.usage)

    async def _ask(
        self, account: ModelAccount, request: DraftRequest, passages: Sequence[Passage]
    ) -> Asked[ModelAnswer]:
        """The answer of the model, if the budget is not used up."""
        if account.spent_usd >= account.budget_usd:
            return Asked(None, Usage(), f"budget: {account.budget_usd} USD of this month are used up")
        return await self.model.ask(
            chat_messages(account.prompt, request, passages), name="reply", schema=ANSWER_SCHEMA,
            read=lambda content: read_answer(content, request, passages),
        )  # fmt: skip

    def _reply(self, answer: ModelAnswer, passages: Sequence[Passage], prompt: Prompt, usage: Usage) -> DraftedReply:
        cited = [passages[number - 1] for number in dict.fromkeys(answer.sources)]
        return DraftedReply(
            text=answer.text.strip(),
            sources=tuple(CitedSource(title=each.title, url=each.url, score=each.score) for each in cited),
            confidence=answer.confidence,
            language=answer.language,
            model_key=self.model.endpoint.model,
            prompt_version=prompt.version,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=usage.cost_usd,
            topic=cited[0].topic,
        )
