"""A drafter that asks a model at any endpoint with OpenAI's chat completions, and another drafter when the model fails.

Every call is recorded with its tokens and cost, also a failed one, and counts towards the tenant's budget.
"""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import httpx

from control_plane.apps.drafts.drafter import Abstained, CitedSource, DraftedReply, Drafter, DraftRequest
from control_plane.apps.drafts.drafter.prompt import (
    ANSWER_SCHEMA,
    ModelAnswer,
    Passage,
    Prompt,
    UnusableAnswer,
    chat_messages,
    read_answer,
)

MAX_BODY = 1_048_576
"""The most bytes of an answer that are read."""
BYTES_PER_TOKEN = 3
"""Used to estimate the tokens of calls whose endpoint does not report them."""
MICRODOLLAR = Decimal("0.000001")
Search = Callable[[DraftRequest], Awaitable[Sequence[Passage]]]
"""Finds the passages that may answer the conversation, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The endpoint of a model. `url` ends before `/chat/completions`; prices are in USD per million tokens."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    answer_within: timedelta = timedelta(seconds=30)
    input_price: Decimal = Decimal(0)
    output_price: Decimal = Decimal(0)


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

    client: httpx.AsyncClient
    endpoint: Endpoint
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
        answer, usage, failure = await self._ask(account, request, passages)
        cost = self._cost(usage)
        await self.accounts.record(
            ModelCall(
                tenant_id=request.tenant_id,
                conversation_id=request.conversation_id,
                model_key=self.endpoint.model,
                prompt_version=account.prompt.version,
                input_tokens=usage[0],
                output_tokens=usage[1],
                cost_usd=cost,
                failure=failure,
            )
        )
        if answer is None:
            return await self.fallback.draft(request)
        if not answer.answered:
            return Abstained(reason="the model found no answer in the passages", best_score=passages[0].score)
        return self._reply(answer, passages, account.prompt, usage, cost)

    async def _ask(
        self, account: ModelAccount, request: DraftRequest, passages: Sequence[Passage]
    ) -> tuple[ModelAnswer | None, tuple[int, int], str | None]:
        """The usable answer or None, the tokens of request and answer, and why the answer is not usable."""
        if account.spent_usd >= account.budget_usd:
            return None, (0, 0), f"budget: {account.budget_usd} USD of this month are used up"
        body = self._body(account.prompt, request, passages)
        usage = _estimate(len(body), 0)
        try:
            received = await self._send(body)
            completion = _parse(received)
            usage = _usage(completion, _estimate(len(body), len(received)))
            return read_answer(_content(completion), request, passages), usage, None
        except UnusableAnswer as exc:
            return None, usage, str(exc)

    def _body(self, prompt: Prompt, request: DraftRequest, passages: Sequence[Passage]) -> bytes:
        response_format = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": ANSWER_SCHEMA},
        }
        document = {
            "model": self.endpoint.model,
            "messages": chat_messages(prompt, request, passages),
            "response_format": response_format,
        }
        return json.dumps(document, ensure_ascii=False).encode(errors="replace")

    async def _send(self, body: bytes) -> bytes:
        """Send a request and return the body of the answer. Raises UnusableAnswer if there is no answer in time."""
        headers = {"Content-Type": "application/json"}
        if self.endpoint.key is not None:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        seconds = self.endpoint.answer_within.total_seconds()
        url = f"{self.endpoint.url.rstrip('/')}/chat/completions"
        try:
            async with (
                asyncio.timeout(seconds),
                self.client.stream("POST", url, content=body, headers=headers, timeout=seconds) as response,
            ):
                if response.status_code != 200:
                    raise UnusableAnswer(f"endpoint: answered {response.status_code}")
                received = bytearray()
                async for chunk in response.aiter_bytes():
                    received += chunk
                    if len(received) > MAX_BODY:
                        raise UnusableAnswer(f"endpoint: the answer has more than {MAX_BODY} bytes")
                return bytes(received)
        except (TimeoutError, httpx.TimeoutException) as exc:
            raise UnusableAnswer(f"endpoint: no answer within {seconds:g} s") from exc
        except httpx.HTTPError as exc:
            raise UnusableAnswer(f"endpoint: the request failed: {type(exc).__name__}") from exc

    def _cost(self, usage: tuple[int, int]) -> Decimal:
        millionths = usage[0] * self.endpoint.input_price + usage[1] * self.endpoint.output_price
        return (millionths / 1_000_000).quantize(MICRODOLLAR)

    def _reply(
        self,
        answer: ModelAnswer,
        passages: Sequence[Passage],
        prompt: Prompt,
        usage: tuple[int, int],
        cost: Decimal,
    ) -> DraftedReply:
        cited = [passages[number - 1] for number in dict.fromkeys(answer.sources)]
        return DraftedReply(
            text=answer.text.strip(),
            sources=tuple(CitedSource(title=each.title, url=each.url, score=each.score) for each in cited),
            confidence=answer.confidence,
            language=answer.language,
            model_key=self.endpoint.model,
            prompt_version=prompt.version,
            input_tokens=usage[0],
            output_tokens=usage[1],
            cost_usd=cost,
            topic=cited[0].topic,
        )


def _estimate(sent: int, received: int) -> tuple[int, int]:
    return math.ceil(sent / BYTES_PER_TOKEN), math.ceil(received / BYTES_PER_TOKEN)


def _parse(received: bytes) -> dict[str, Any]:
    try:
        completion = json.loads(received)
    except (ValueError, RecursionError) as exc:
        raise UnusableAnswer("endpoint: the answer is not JSON") from exc
    if not isinstance(completion, dict):
        raise UnusableAnswer("endpoint: the answer is no chat completion")
    return completion


def _usage(completion: dict[str, Any], estimate: tuple[int, int]) -> tuple[int, int]:
    usage = completion.get("usage")
    if not isinstance(usage, dict):
        return estimate
    sent, received = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if type(sent) is int and type(received) is int and min(sent, received) >= 0 and max(sent, received) < 2**31:
        return sent, received
    return estimate


def _content(completion: dict[str, Any]) -> str:
    """The text of the first choice. Raises UnusableAnswer if there is none, or only a part of it."""
    try:
        choice = completion["choices"][0]
        content, reason = choice["message"]["content"], choice.get("finish_reason")
    except (LookupError, TypeError, AttributeError) as exc:
        raise UnusableAnswer("endpoint: the answer is no chat completion") from exc
    if reason == "length":
        raise UnusableAnswer("endpoint: the answer was cut at the token limit")
    if not isinstance(content, str):
        raise UnusableAnswer("endpoint: the answer has no text")
    return content
