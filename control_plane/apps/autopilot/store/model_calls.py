"""Record calls of a language model, and read what a tenant spent on them."""

from decimal import Decimal
from uuid import UUID

from control_plane.chat import Usage
from services.backends.functions import Functions, by
from services.envelope import Actor


async def record(
    functions: Functions, tenant: UUID, *, purpose: str, model_key: str, usage: Usage, failure: str | None, actor: Actor
) -> None:
    """Record a call. `failure` says why its answer was not used. Raises NotAllowed, NotFound."""
    await functions.call(
        "autopilot.record_model_call", tenant=tenant, purpose=purpose, model_key=model_key,
        input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost_usd=usage.cost_usd, failure=failure,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip


async def read_spending(functions: Functions, tenant: UUID) -> Decimal:
    """What the tenant spent in this month, in USD."""
    return Decimal(await functions.call("autopilot.read_model_spending", tenant=tenant, as_of=functions.as_of()))
