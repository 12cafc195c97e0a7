"""The answers of the API as values. Fields that a newer server adds are ignored."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

OPEN_STATUSES = frozenset({"pending", "awaiting_approval", "unknown"})
"""The states from which an envelope can still go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One proposed call and its state."""

    id: UUID
    tenant_id: UUID
    tool_slug: str
    arguments: Mapping[str, Any]
    """The arguments with which the call is executed."""
    external_id: str
    status: str
    """Open: pending, awaiting_approval or unknown. Ended: success, conflict, rejected, expired or cancelled. A dead
    letter: failed or denied."""
    attempts: int
    last_error: str | None
    """Why the envelope failed, or the code and reason of its rejection."""
    result: Any
    """The answer of the tool."""
    verdicts: tuple[Mapping[str, Any], ...]
    doubtful: bool
    """Whether a failed call may have had its effect."""
    next_run_at: datetime | None
    created_at: datetime
    updated_at: datetime
    proposed_arguments: Mapping[str, Any] | None = None
    """The proposed arguments if a reviewer edited them: `arguments` are then the edited ones, with which the call
    runs."""
    objective_id: UUID | None = None
    """The objective that the call serves."""

    @property
    def is_open(self) -> bool:
        """Whether the envelope has not ended. An `unknown` one waits until a person says what the call did."""
        return self.status in OPEN_STATUSES

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Build this value from the JSON of the API."""
        known = {f.name: document[f.name] for f in fields(cls) if f.default is MISSING or f.name in document}
        times = {name: _time(known[name]) for name in ("next_run_at", "created_at", "updated_at")}
        ids = {name: UUID(known[name]) for name in ("id", "tenant_id")}
        objective = known.get("objective_id")
        return cls(
            **{
                **known, **ids, **times, "verdicts": tuple(known["verdicts"]),
                "objective_id": None if objective is None else UUID(objective),
            }
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict of one guardrail."""

    guardrail: str
    decision: str
    reason: str
    until: datetime | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Build this value from the JSON of the API."""
        return cls(
            guardrail=document["guardrail"], decision=document["decision"], reason=document["reason"],
            until=_time(document.get("until")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The envelope of a proposal, new or existing."""

    envelope: Envelope
    created: bool
    """False if the same call was proposed before."""
    verdicts: tuple[Verdict, ...]
    """The verdicts of the guardrails at the time of the proposal."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Build this value from the JSON of the API."""
        return cls(
            envelope=Envelope.read(document["envelope"]), created=document["created"],
            verdicts=tuple(map(Verdict.read, document["verdicts"])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an envelope is in its state."""

    envelope: Envelope
    why: str
    next_run_at: datetime | None
    is_due: bool
    verdicts: tuple[Verdict, ...]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Build this value from the JSON of the API."""
        return cls(
            envelope=Envelope.read(document["envelope"]), why=document["why"], is_due=document["is_due"],
            next_run_at=_time(document["next_run_at"]), verdicts=tuple(map(Verdict.read, document["verdicts"])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Envelopes, the newest first."""

    items: tuple[Envelope, ...]
    next: str | None
    """Pass this as `after` to get the next page; None on the last page."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Build this value from the JSON of the API."""
        return cls(items=tuple(map(Envelope.read, document["items"])), next=document["next"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change, from the audit log."""

    id: str
    """The position in the stream after this event: pass it as `after` to continue from there."""
    category: str
    """What happened, such as `envelope.success`. `reset` means that events were missed: read again what you have
    stored."""
    envelope_id: UUID | None
    created_at: datetime | None
    payload: Mapping[str, Any]
    """The facts of the change."""

    @property
    def is_reset(self) -> bool:
        """Whether events before this one were missed: read again what you have stored."""
        return self.category == "reset"

    @classmethod
    def read(cls, category: str, event_id: str, document: Mapping[str, Any]) -> Self:
        """Build this value from the data of a server-sent event."""
        envelope_id = document.get("envelope_id")
        return cls(
            id=event_id, category=category, envelope_id=None if envelope_id is None else UUID(envelope_id),
            created_at=_time(document.get("created_at")),
            payload=(document.get("payload") or {}) if "payload" in document else document,
        )  # fmt: skip


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
