"""Decide about a draft: approve, edit or reject it. An approval sends the reply, as an envelope under guardrails."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from control_plane.apps.drafts.learning.edits import describe_edit
from control_plane.apps.drafts.reply import ComposedReply, Reply, compose
from control_plane.apps.drafts.store import drafts, functions_of
from control_plane.apps.drafts.values import DecidedDraft, Draft, DraftDecision, DraftStatus, RejectionCode
from services.backends import Backends
from services.envelope import Actor
from services.errors import InvalidInput, NotFound, StateConflict
from services.outbox import Proposal
from services.propose import read_proposal


async def decide_draft(
    backends: Backends,
    tenant: UUID,
    draft: UUID,
    *,
    decision: DraftDecision,
    version: int,
    digest: str,
    actor: Actor,
    text: str | None = None,
    html: str | None = None,
    reason: str | None = None,
    code: RejectionCode | None = None,
    confirmed_recipient: str | None = None,
    take_over: bool = False,
    webhook_key: str | None = None,
) -> DecidedDraft:
    """Record the decision about the draft that was shown with this version and digest.

    An edit has the final `text`; a rejection has a `code`. If the reply goes to another address than the customer's,
    `confirmed_recipient` must name that address. With `take_over`, the decision is allowed while another user works on
    the draft. Action, learning sample, outbound message and envelope are all stored, or none.

    Raises NotFound, NotAllowed, InvalidInput (also for a text that is too long to send), StateConflict if the channel
    cannot send, and DecisionConflict if the draft has changed or was decided meanwhile; it says who did so and when.
    """
    if (decision is DraftDecision.EDIT) != (text is not None):
        raise InvalidInput("text", "is required to edit, and allowed for nothing else")
    if (decision is DraftDecision.REJECT) != (code is not None):
        raise InvalidInput("code", "is required to reject, and allowed for nothing else")
    functions = functions_of(backends)
    envelope: Mapping[str, Any] | None = None
    message: Mapping[str, Any] | None = None
    diff: Mapping[str, Any] | None = None
    if decision is not DraftDecision.REJECT:
        shown = await drafts.read_draft(functions, tenant, draft)
        if shown is None:
            raise NotFound("draft", draft)
        if shown.status is not DraftStatus.PENDING or (shown.version, shown.digest) != (version, digest):
            envelope = {}  # the draft is decided or changed: the database refuses the call, and says by whom and when
        else:
            final = shown.text if text is None else text
            proposal, composed = await prepare_reply(
                backends, shown, final, shown.html if text is None else html, actor=actor, webhook_key=webhook_key
            )
            envelope, message = _envelope_row(proposal), _message_row(composed)
            diff = None if final == shown.suggested_text else describe_edit(shown.suggested_text, final)
    return await drafts.decide(
        functions, tenant, draft, decision=decision, version=version, digest=digest, actor=actor, final_text=text,
        final_html=html, diff=diff, reason=reason, code=code, envelope=envelope, message=message,
        confirmed_recipient=confirmed_recipient, take_over=take_over,
    )  # fmt: skip


async def prepare_reply(
    backends: Backends, draft: Draft, text: str, html: str | None, *, actor: Actor, webhook_key: str | None = None
) -> tuple[Proposal, ComposedReply]:
    """The envelope that sends this text as the reply, checked as every proposal is. Nothing is written.

    Raises InvalidInput, NotFound for a tool that is not in the catalog, StateConflict for a channel that cannot send.
    """
    if draft.channel.reply_tool_slug is None:
        raise StateConflict("channel", f"{draft.channel.name} has no tool that sends replies")
    envelope_id = uuid7()
    composed = compose(Reply(draft=draft, text=text, html=html, envelope_id=envelope_id, webhook_key=webhook_key))
    document = {
        "envelope_id": str(envelope_id),
        "tenant_id": str(draft.tenant_id),
        "tool_slug": draft.channel.reply_tool_slug,
        "arguments": composed.arguments,
        "connected_account_id": draft.channel.reply_account_id,
        "external_id": str(draft.id),
        "trust_context": {
            "score": 1 if draft.confidence is None else draft.confidence,
            "evidence": [str(source.get("url")) for source in draft.top_sources if source.get("url")],
            "approved_by": actor.principal,
            "digest": draft.digest,
        },
        "metadata": {"ordering_key": str(draft.conversation_id), "draft_id": str(draft.id)},
    }
    proposal, _, _ = await read_proposal(backends, {key: value for key, value in document.items() if value is not None})
    return proposal, composed


def _envelope_row(proposal: Proposal) -> dict[str, Any]:
    return {
        "id": str(proposal.id),
        "tool_slug": proposal.tool_slug,
        "tool_version": proposal.tool_version,
        "arguments": dict(proposal.arguments),
        "connected_account_id": proposal.connected_account_id,
        "risk": proposal.risk,
        "trust_context": dict(proposal.trust_context),
        "metadata": dict(proposal.metadata),
    }


def _message_row(composed: ComposedReply) -> dict[str, Any]:
    return {"external_id": composed.external_id, "subject": composed.subject, "from_address": composed.from_address}
