"""Read drafts, and write what reviewers do with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.drafts.values import (
    DecidedDraft,
    Draft,
    DraftDecision,
    EditedDraft,
    Priority,
    QueuedDraft,
    RejectionCode,
)
from services.backends.functions import Functions, by
from services.envelope import Actor

_DRAFT = TypeAdapter(Draft)
_QUEUE = TypeAdapter(list[QueuedDraft])
_DECIDED = TypeAdapter(DecidedDraft)
_EDITED = TypeAdapter(EditedDraft)


async def list_queue(
    functions: Functions, tenant: UUID, *, assignee: UUID | None = None, with_snoozed: bool = False,
    after: tuple[datetime, UUID] | None = None, limit: int = 50,
) -> list[QueuedDraft]:  # fmt: skip
    """A page of the pending drafts, those that are due first at the top."""
    due, id_ = after or (None, None)
    rows = await functions.call(
        "drafts.list_queue", tenant=tenant, max_drafts=limit, assignee=assignee, with_snoozed=with_snoozed,
        after_due=due, after_id=id_,
    )  # fmt: skip
    return _QUEUE.validate_python(rows)


async def read_draft(functions: Functions, tenant: UUID, draft: UUID) -> Draft | None:
    """The draft as a reviewer is shown it; None if the tenant has no such draft."""
    row = await functions.call("drafts.read_draft", tenant=tenant, draft=draft)
    return None if row is None else _DRAFT.validate_python(row)


async def decide(
    functions: Functions,
    tenant: UUID,
    draft: UUID,
    *,
    decision: DraftDecision,
    version: int,
    digest: str,
    actor: Actor,
    final_text: str | None = None,
    final_html: str | None = None,
    diff: Mapping[str, Any] | None = None,
    reason: str | None = None,
    code: RejectionCode | None = None,
    envelope: Mapping[str, Any] | None = None,
    message: Mapping[str, Any] | None = None,
    confirmed_recipient: str | None = None,
    take_over: bool = False,
) -> DecidedDraft:
    """See drafts.decide_draft. Raises NotFound, NotAllowed, InvalidInput, and DecisionConflict, which says who decided
    and when."""
    answer = await functions.call(
        "drafts.decide_draft", tenant=tenant, draft=draft, decision=decision, version=version, digest=digest,
        final_text=final_text, final_html=final_html, diff=diff, reason=reason, code=code, envelope=envelope,
        message=message, confirmed_recipient=confirmed_recipient, take_over=take_over, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip
    return _DECIDED.validate_python(answer)


async def edit(
    functions: Functions, tenant: UUID, draft: UUID, *, version: int, text: str, html: str | None,
    attachments: Sequence[Mapping[str, Any]] | None, take_over: bool, actor: Actor,
) -> EditedDraft:  # fmt: skip
    """Save the text of a reviewer. Raises NotFound, NotAllowed, InvalidInput, DecisionConflict."""
    answer = await functions.call(
        "drafts.edit_draft", tenant=tenant, draft=draft, version=version, final_text=text, final_html=html,
        attachments=attachments, take_over=take_over, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _EDITED.validate_python(answer)


async def write(
    functions: Functions, tenant: UUID, conversation: UUID, *, text: str, html: str | None = None,
    attachments: Sequence[Mapping[str, Any]] | None = None, actor: Actor,
) -> EditedDraft:  # fmt: skip
    """Begin a reply that a person writes. Raises NotFound, InvalidInput."""
    answer = await functions.call(
        "drafts.write_draft", tenant=tenant, conversation=conversation, final_text=text, final_html=html,
        attachments=attachments, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _EDITED.validate_python(answer)


async def lock(
    functions: Functions, tenant: UUID, draft: UUID, *, seconds: int, take_over: bool, actor: Actor
) -> datetime | None:
    """Show others that this person works on the draft; 0 seconds end that. Returns until when."""
    answer = await functions.call(
        "drafts.lock_draft", tenant=tenant, draft=draft, seconds=seconds, take_over=take_over, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip
    return None if answer["locked_until"] is None else datetime.fromisoformat(answer["locked_until"])


async def regenerate(
    functions: Functions, tenant: UUID, draft: UUID, *, version: int, instruction: str | None, take_over: bool,
    actor: Actor,
) -> None:  # fmt: skip
    """Have the draft written again. Raises NotFound, NotAllowed, InvalidInput, DecisionConflict."""
    await functions.call(
        "drafts.regenerate_draft", tenant=tenant, draft=draft, version=version, instruction=instruction,
        take_over=take_over, **by(actor), as_of=functions.as_of(),
    )  # fmt: skip


async def request(
    functions: Functions, tenant: UUID, conversation: UUID, *, instruction: str | None, actor: Actor
) -> None:
    """Ask for a new draft of a conversation. Raises NotFound, StateConflict, InvalidInput."""
    await functions.call(
        "drafts.request_draft", tenant=tenant, conversation=conversation, instruction=instruction, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip


async def assign(functions: Functions, tenant: UUID, draft: UUID, assignee: UUID | None, *, actor: Actor) -> None:
    """Give a pending draft to a user, or to nobody. Raises NotFound, StateConflict."""
    await functions.call(
        "drafts.assign_draft", tenant=tenant, draft=draft, assignee=assignee, **by(actor), as_of=functions.as_of()
    )


async def snooze(functions: Functions, tenant: UUID, draft: UUID, until: datetime | None, *, actor: Actor) -> None:
    """Hide a pending draft from the queue until a time; None shows it. Raises NotFound, InvalidInput, StateConflict."""
    await functions.call(
        "drafts.snooze_draft", tenant=tenant, draft=draft, until=until, **by(actor), as_of=functions.as_of()
    )


async def escalate(functions: Functions, tenant: UUID, draft: UUID, reason: str, *, actor: Actor) -> None:
    """Hand a pending draft to the admins. Raises NotFound, InvalidInput, StateConflict."""
    await functions.call(
        "drafts.escalate_draft", tenant=tenant, draft=draft, reason=reason, **by(actor), as_of=functions.as_of()
    )


async def set_priority(functions: Functions, tenant: UUID, draft: UUID, priority: Priority, *, actor: Actor) -> None:
    """Set the priority of a pending draft; its due time moves with it. Raises NotFound, StateConflict."""
    await functions.call(
        "drafts.set_priority", tenant=tenant, draft=draft, priority=priority, **by(actor), as_of=functions.as_of()
    )
