"""Claim the conversations that need a draft, and save what a drafter returns."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.drafts.drafter import Abstained, DraftedReply, DraftRequest
from control_plane.apps.drafts.values import DraftTask
from services.backends.functions import Functions, by
from services.envelope import Actor

_REQUEST = TypeAdapter(DraftRequest)


async def is_needed(functions: Functions, tenant: UUID | None) -> bool:
    """Whether any conversation, or one of this tenant, needs a draft now."""
    return bool(await functions.call("drafts.draft_is_needed", tenant=tenant, as_of=functions.as_of()))


async def claim(
    functions: Functions, *, tenant: UUID | None = None, limit: int = 10, lease_for: timedelta = timedelta(minutes=5)
) -> list[DraftTask]:
    """Claim the conversations that need a draft now. A claimed conversation is not returned again within
    `lease_for`."""
    rows = await functions.call(
        "drafts.claim_draft_requests", max_requests=limit, lease_for=lease_for, tenant=tenant, as_of=functions.as_of()
    )
    return [
        DraftTask(trigger_message_id=UUID(row["trigger_message_id"]), request=_REQUEST.validate_python(row))
        for row in rows
    ]


async def save_draft(functions: Functions, task: DraftTask, reply: DraftedReply, *, actor: Actor) -> UUID | None:
    """Store the draft. Returns its id; None if the conversation has changed since (a new message, an answer, or its
    end)."""
    answer = await functions.call(
        "drafts.save_draft", tenant=task.request.tenant_id, conversation=task.request.conversation_id,
        trigger_message=task.trigger_message_id, draft=_draft_row(reply), **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return UUID(answer["draft_id"]) if answer["saved"] else None


async def save_abstention(functions: Functions, task: DraftTask, abstained: Abstained, *, actor: Actor) -> bool:
    """Record that no answer was found. Returns False if the conversation has changed since."""
    answer = await functions.call(
        "drafts.save_abstention", tenant=task.request.tenant_id, conversation=task.request.conversation_id,
        trigger_message=task.trigger_message_id, reason=abstained.reason, best_score=abstained.best_score,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return bool(answer["saved"])


def _draft_row(reply: DraftedReply) -> dict[str, Any]:
    return {**asdict(reply), "cost_usd": str(reply.cost_usd)}
