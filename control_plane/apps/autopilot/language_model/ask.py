"""Ask the language model of the settings, within the budget of the tenant. Each call is recorded with its cost."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import httpx
import structlog
from pydantic_settings import SettingsConfigDict

from control_plane.apps.autopilot.store import model_calls
from control_plane.chat import Asked, ChatModel, Usage
from control_plane.chat.settings import ChatSettings
from services.backends.functions import Functions
from services.envelope import Actor

log = structlog.get_logger("autopilot")
T = TypeVar("T")


class ModelSettings(ChatSettings):
    """The model that names clusters and writes articles. Without one, both are made of the words of the tickets."""

    model_config = SettingsConfigDict(env_prefix="ACP_AUTOPILOT_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[T]):
    """What a model is asked. `rules` are our instructions. All text from outside is in `data`: one JSON document in a
    message of its own, so no text can pass for an instruction of ours."""

    purpose: Literal["article", "cluster_names"]
    rules: str
    data: Mapping[str, Any]
    schema: Mapping[str, Any]
    """The JSON Schema of the answer."""
    read: Callable[[str], T]
    """Turns the text of the answer into a value. Raises UnusableAnswer if it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """The model of the settings. `monthly_usd` is what each tenant may spend in a month."""

    chat: ChatModel
    functions: Functions
    actor: Actor
    monthly_usd: Decimal

    @property
    def key(self) -> str:
        """The model, as the endpoint calls it."""
        return self.chat.endpoint.model

    async def ask(self, tenant: UUID, question: Question[T]) -> T | None:
        """The answer, or None if there is no usable one; the reason is logged and recorded."""
        asked = await self._ask(tenant, question)
        await model_calls.record(
            self.functions, tenant, purpose=question.purpose, model_key=self.key, usage=asked.usage,
            failure=asked.failure, actor=self.actor,
        )  # fmt: skip
        if asked.failure is not None:
            log.warning("model.unusable", tenant=str(tenant), purpose=question.purpose, reason=asked.failure)
        return asked.answer

    async def _ask(self, tenant: UUID, question: Question[T]) -> Asked[T]:
        if await model_calls.read_spending(self.functions, tenant) >= self.monthly_usd:
            return Asked(None, Usage(), f"budget: {self.monthly_usd} USD of this month are used up")
        messages = [
            {"role": "system", "content": question.rules},
            {"role": "user", "content": json.dumps(question.data, ensure_ascii=False)},
        ]
        return await self.chat.ask(messages, name=question.purpose, schema=question.schema, read=question.read)


@asynccontextmanager
async def open_model(functions: Functions, *, actor: Actor) -> AsyncIterator[LanguageModel | None]:
    """The model of the settings, open until the block ends; None if the settings have none. Raises SettingsError."""
    settings = ModelSettings.read()
    if settings.endpoint is None:
        yield None
        return
    async with httpx.AsyncClient() as client:
        yield LanguageModel(
            chat=ChatModel(client=client, endpoint=settings.endpoint), functions=functions, actor=actor,
            monthly_usd=settings.monthly_usd,
        )  # fmt: skip
