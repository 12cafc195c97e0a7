"""Ask a language model at any endpoint with OpenAI's chat completions. Its answers are read as from a stranger."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

import httpx
from pydantic_core import ErrorDetails

from services.errors import ControlPlaneError
from services.validation import plain_problem

MAX_BODY = 1_048_576
"""The most bytes of an answer that are read."""
BYTES_PER_TOKEN = 3
"""Used to estimate the tokens of calls whose endpoint does not report them."""
MICRODOLLAR = Decimal("0.000001")
T = TypeVar("T")


class UnusableAnswer(ControlPlaneError):
    """The model's answer cannot be used. The message says why, without the answer's text."""


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
class Usage:
    """The tokens of a call, and what they cost."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """The answer of a model. `answer` is None if it could not be used; then `failure` says why."""

    answer: T | None
    usage: Usage
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatModel:
    """Asks one endpoint."""

    client: httpx.AsyncClient
    endpoint: Endpoint

    async def ask(
        self, messages: Sequence[Mapping[str, str]], *, name: str, schema: Mapping[str, Any], read: Callable[[str], T]
    ) -> Asked[T]:
        """The answer of the model to these messages. `schema` is the JSON Schema of the answer, and `name` its name.
        `read` turns the text of the answer into a value, and raises UnusableAnswer if it cannot."""
        body = self._body(messages, name, schema)
        tokens = _estimate(len(body), 0)
        try:
            received = await self._send(body)
            completion = _parse(received)
            tokens = _tokens(completion, _estimate(len(body), len(received)))
            return Asked(read(_content(completion)), self._usage(tokens))
        except UnusableAnswer as exc:
            return Asked(None, self._usage(tokens), str(exc))

    def _body(self, messages: Sequence[Mapping[str, str]], name: str, schema: Mapping[str, Any]) -> bytes:
        document = {
            "model": self.endpoint.model,
            "messages": messages,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": name, "strict": True, "schema": schema},
            },
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

    def _usage(self, tokens: tuple[int, int]) -> Usage:
        millionths = tokens[0] * self.endpoint.input_price + tokens[1] * self.endpoint.output_price
        return Usage(
            input_tokens=tokens[0], output_tokens=tokens[1], cost_usd=(millionths / 1_000_000).quantize(MICRODOLLAR)
        )


def schema_problem(error: ErrorDetails) -> str:
    """Why an answer does not match its schema, without any text of the answer, which could be the name of an unknown
    field."""
    if error["type"] == "json_invalid":
        return "answer: is not valid JSON"
    if error["type"] == "extra_forbidden":
        return "answer: has a field that is not in the schema"
    return f"{'.'.join(map(str, error['loc'])) or 'answer'}: {plain_problem(error)}"


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


def _tokens(completion: dict[str, Any], estimate: tuple[int, int]) -> tuple[int, int]:
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
