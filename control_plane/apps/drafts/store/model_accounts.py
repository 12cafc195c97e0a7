"""Read the tenants' prompts and model budgets from the database, and record calls of models."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from control_plane.apps.drafts.drafter.openai import ModelAccount, ModelCall
from control_plane.apps.drafts.drafter.prompt import Prompt
from services.backends.functions import Functions, by
from services.envelope import Actor


@dataclass(frozen=True, slots=True)
class DatabaseModelAccounts:
    """See `drafter.openai.ModelAccounts`. `default_budget_usd` is for tenants without a budget of their own."""

    functions: Functions
    actor: Actor
    default_budget_usd: Decimal

    async def read(self, tenant_id: UUID) -> ModelAccount:
        row = await self.functions.call("drafts.read_model_account", tenant=tenant_id, as_of=self.functions.as_of())
        budget = row["monthly_usd"]
        return ModelAccount(
            prompt=Prompt(version=row["prompt_version"], instructions=row["instructions"]),
            budget_usd=self.default_budget_usd if budget is None else Decimal(budget),
            spent_usd=Decimal(row["spent_usd"]),
        )

    async def record(self, call: ModelCall) -> None:
        await self.functions.call(
            "drafts.record_model_call", tenant=call.tenant_id, conversation=call.conversation_id,
            model_key=call.model_key, prompt_version=call.prompt_version, input_tokens=call.input_tokens,
            output_tokens=call.output_tokens, cost_usd=call.cost_usd, failure=call.failure, **by(self.actor),
            as_of=self.functions.as_of(),
        )  # fmt: skip
