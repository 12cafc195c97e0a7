"""The JSON answers of the API: their fields, and the names of these fields."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.backends import Backends
from services.envelope import ActorType, Envelope, Risk, Status
from services.explain import Explanation
from services.guardrails import Decision, Verdict
from services.propose import ProposeResult
from services.show_envelopes import show_envelope, show_envelopes


class Answer(BaseModel):
    """Base class of answers: built from a value of `services`, field by field, by name."""

    model_config = ConfigDict(from_attributes=True)


class ActorAnswer(Answer):
    """An actor: who made a change."""

    type: ActorType
    id: str


class VerdictAnswer(Answer):
    """The verdict of one guardrail."""

    guardrail: str
    decision: Decision
    reason: str
    until: datetime | None = None


class EnvelopeAnswer(Answer):
    """An envelope of the outbox, or a dead letter."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    tool_version: str | None
    arguments: dict[str, Any]
    connected_account_id: str | None
    risk: Risk
    external_id: str
    trust_context: dict[str, Any]
    metadata: dict[str, Any]
    status: Status
    attempts: int
    next_run_at: datetime | None
    must_run_before: datetime | None
    last_error: str | None
    verdicts: list[dict[str, Any]]
    result: Any
    doubtful: bool
    created_at: datetime
    updated_at: datetime
    moved_at: datetime | None
    proposed_by: str | None
    proposed_arguments: dict[str, Any] | None
    objective_id: UUID | None
    unreadable: str | None


class ProposedAnswer(BaseModel):
    """The new or existing envelope of a proposal, and the verdicts that the guardrails give now."""

    envelope: EnvelopeAnswer
    created: bool
    verdicts: list[VerdictAnswer]


class DryRunAnswer(Answer):
    """The result of a dry run. If the call is proposed with this `envelope_id`, an approval would be bound to
    `digest`."""

    decision: Decision
    verdicts: list[VerdictAnswer]
    digest: str
    envelope_id: UUID
    tool_version: str
    risk: Risk
    guardrails_version: int
    account_id: UUID | None


class ExplanationAnswer(BaseModel):
    """Why an envelope is in its state, and until when."""

    envelope: EnvelopeAnswer
    why: str
    next_run_at: datetime | None
    is_due: bool
    asked_at: datetime | None
    decide_until: datetime | None
    verdicts: list[VerdictAnswer]


async def envelope_answer(backends: Backends, envelope: Envelope) -> EnvelopeAnswer:
    """The JSON of an envelope, with secret arguments redacted."""
    return answer_of_shown(await show_envelope(backends, envelope))


async def envelope_answers(backends: Backends, envelopes: Sequence[Envelope]) -> list[EnvelopeAnswer]:
    """Same as `envelope_answer`, for several envelopes."""
    return [answer_of_shown(envelope) for envelope in await show_envelopes(backends, envelopes)]


def answer_of_shown(envelope: Envelope) -> EnvelopeAnswer:
    """The JSON of an envelope whose secret arguments are already redacted."""
    return EnvelopeAnswer.model_validate(
        {field.name: _plain(getattr(envelope, field.name)) for field in fields(envelope)}
    )


def verdict_answers(verdicts: tuple[Verdict, ...]) -> list[VerdictAnswer]:
    """The verdicts as JSON, in the order in which the guardrails are asked."""
    return [VerdictAnswer.model_validate(verdict) for verdict in verdicts]


async def proposed_answer(backends: Backends, proposed: ProposeResult) -> ProposedAnswer:
    """The JSON of the result of a proposal."""
    [answer] = await proposed_answers(backends, [proposed])
    return answer


async def proposed_answers(backends: Backends, proposed: Sequence[ProposeResult]) -> list[ProposedAnswer]:
    """Same as `proposed_answer`, for several proposals."""
    envelopes = await show_envelopes(
        backends, [result.envelope for result in proposed], known=[result.tool for result in proposed]
    )
    return [
        ProposedAnswer(
            envelope=answer_of_shown(envelope), created=result.created, verdicts=verdict_answers(result.verdicts)
        )
        for envelope, result in zip(envelopes, proposed, strict=True)
    ]


async def explanation_answer(backends: Backends, explanation: Explanation) -> ExplanationAnswer:
    """The JSON of an explanation."""
    return ExplanationAnswer(
        envelope=await envelope_answer(backends, explanation.envelope), why=explanation.why,
        next_run_at=explanation.next_run_at, is_due=explanation.is_due, asked_at=explanation.asked_at,
        decide_until=explanation.decide_until,
        verdicts=verdict_answers(explanation.verdicts),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
