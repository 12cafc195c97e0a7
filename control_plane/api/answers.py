"""The JSON of answers: which fields of our values it has, and under which names."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.envelope import ActorType, Envelope, Risk, Status
from services.explain import Explanation
from services.guardrails import Decision, Verdict
from services.propose import ProposeResult


class Answer(BaseModel):
    """Built from a value of `services` by the names of its fields."""

    model_config = ConfigDict(from_attributes=True)


class ActorAnswer(Answer):
    """Who acted."""

    type: ActorType
    id: str


class VerdictAnswer(Answer):
    """What one guardrail says."""

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
    """The envelope with the key of the proposal, new or existing, and the verdicts that the guardrails give now."""

    envelope: EnvelopeAnswer
    created: bool
    verdicts: list[VerdictAnswer]


class DryRunAnswer(Answer):
    """What would happen to a proposal. An approval would be bound to `digest` if it has this `envelope_id`."""

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


def envelope_answer(envelope: Envelope) -> EnvelopeAnswer:
    """The JSON of an envelope."""
    return EnvelopeAnswer.model_validate(
        {field.name: _plain(getattr(envelope, field.name)) for field in fields(envelope)}
    )


def verdict_answers(verdicts: tuple[Verdict, ...]) -> list[VerdictAnswer]:
    """In the order in which the guardrails are asked."""
    return [VerdictAnswer.model_validate(verdict) for verdict in verdicts]


def proposed_answer(proposed: ProposeResult) -> ProposedAnswer:
    """The JSON of the result of a proposal."""
    return ProposedAnswer(
        envelope=envelope_answer(proposed.envelope), created=proposed.created,
        verdicts=verdict_answers(proposed.verdicts),
    )  # fmt: skip


def explanation_answer(explanation: Explanation) -> ExplanationAnswer:
    """The JSON of an explanation."""
    return ExplanationAnswer(
        envelope=envelope_answer(explanation.envelope), why=explanation.why, next_run_at=explanation.next_run_at,
        is_due=explanation.is_due, asked_at=explanation.asked_at, decide_until=explanation.decide_until,
        verdicts=verdict_answers(explanation.verdicts),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
