"""Open the drafter that the settings choose: a model, with the offline drafter as its fallback, or only the offline
drafter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import httpx

from control_plane.apps.drafts.drafter import Drafter
from control_plane.apps.drafts.drafter.offline import OfflineDrafter
from control_plane.apps.drafts.drafter.openai import ModelAccount, ModelAccounts, ModelCall, OpenAiDrafter
from control_plane.apps.drafts.drafter.prompt import Prompt
from control_plane.apps.drafts.drafter.settings import ModelSettings
from control_plane.apps.drafts.knowledge.search import search_for_prompt
from control_plane.apps.drafts.store.model_accounts import DatabaseModelAccounts
from control_plane.chat import ChatModel
from services.backends.functions import Functions
from services.envelope import Actor


@dataclass(frozen=True, slots=True)
class OtherPrompt:
    """The same accounts, but with another prompt instead of the active one."""

    accounts: ModelAccounts
    prompt: Prompt

    async def read(self, tenant_id: UUID) -> ModelAccount:
        account = await self.accounts.read(tenant_id)
        return ModelAccount(prompt=self.prompt, budget_usd=account.budget_usd, spent_usd=account.spent_usd)

    async def record(self, call: ModelCall) -> None:
        await self.accounts.record(call)


@asynccontextmanager
async def open_drafter(
    functions: Functions, settings: ModelSettings, *, actor: Actor, prompt: Prompt | None = None,
    fallback: Drafter | None = None,
) -> AsyncIterator[Drafter]:  # fmt: skip
    """The drafter, open until the block ends. `prompt` replaces the active prompt, `fallback` the offline drafter."""
    offline = OfflineDrafter(functions)
    endpoint = settings.endpoint
    if endpoint is None:
        yield offline
        return
    accounts: ModelAccounts = DatabaseModelAccounts(functions, actor, settings.monthly_usd)
    if prompt is not None:
        accounts = OtherPrompt(accounts, prompt)
    async with httpx.AsyncClient() as client:
        yield OpenAiDrafter(
            model=ChatModel(client=client, endpoint=endpoint), accounts=accounts,
            search=partial(search_for_prompt, functions), fallback=fallback or offline,
        )  # fmt: skip
