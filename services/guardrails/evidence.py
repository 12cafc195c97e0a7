"""Does the proposal cite evidence, and is the cited evidence there, unchanged and recent enough?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.envelope import Envelope
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Decision, GuardrailSettings, Verdict

NOT_REQUIRED = Verdict(guardrail="evidence", decision=Decision.ALLOW, reason="The tenant requires no evidence.")
CITED_VERDICT = Verdict(guardrail="evidence", decision=Decision.ALLOW, reason="The proposal cites evidence.")

VALID_ENTRY = 'a text with letters or digits, or {"id": …, "sha256": …} of collected evidence'
EVIDENCE_REMEDY = 'propose again with {"id": …, "sha256": …} of evidence that a scan has collected'

FILLER_CHARACTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Characters that Unicode calls letters and that look like blanks."""


def cited_evidence(envelope: Envelope) -> list[EvidenceKey]:
    """The keys of cited evidence: of entries such as `{"id": …, "sha256": …}`. Other entries are free text."""
    return [
        EvidenceKey(envelope.tenant_id, id_) for entry in _entries(envelope) if (id_ := _evidence_id(entry)) is not None
    ]


def judge_evidence(
    envelope: Envelope, settings: GuardrailSettings, stored: Mapping[EvidenceKey, StoredEvidence], now: datetime
) -> Verdict:
    """The verdict on the cited evidence. `stored` has those rows of `cited_evidence` that exist.

    A failed check denies the call. It does not ask for approval, because an approval cannot replace evidence.
    """
    if not settings.require_evidence:
        return NOT_REQUIRED
    entries = _entries(envelope)
    if not entries:
        return _deny(
            "The tenant requires evidence and none is cited: propose again with a list in trust_context.evidence."
        )
    for index, entry in enumerate(entries):
        if not _is_valid_entry(entry):
            return _deny(f"trust_context.evidence[{index}] refers to nothing: propose again with {VALID_ENTRY}.")
    seen_at: list[datetime] = []
    for entry in entries:
        id_ = _evidence_id(entry)
        if id_ is None:
            continue
        row = stored.get(EvidenceKey(envelope.tenant_id, id_))
        if row is None or entry.get("sha256", row.sha256) != row.sha256:
            return _deny(f"The tenant has no evidence {id_} with this sha256: {EVIDENCE_REMEDY}.")
        seen_at.append(row.seen_at)
    age = settings.evidence_max_age
    if age is None or any(moment >= now - timedelta(seconds=age) for moment in seen_at):
        return CITED_VERDICT
    return _deny(f"No cited evidence was seen in the last {age} s: {EVIDENCE_REMEDY} since.")


def _entries(envelope: Envelope) -> list[Any]:
    listed = envelope.trust_context.get("evidence")
    return listed if isinstance(listed, list) else []


def _is_valid_entry(entry: Any) -> bool:
    """Whether an entry is a text that is not blank, an object with such a text, or a reference with an id."""
    if isinstance(entry, Mapping):
        return "id" in entry or any(map(_is_text, entry.values()))
    return _is_text(entry)


def _is_text(value: Any) -> bool:
    """Whether the value is a text with a visible letter or digit."""
    return isinstance(value, str) and any(char.isalnum() and char not in FILLER_CHARACTERS for char in value)


def _evidence_id(entry: Any) -> UUID | None:
    """The id in an entry. If it is not a UUID, the result is an id that no evidence has. None for an entry without an
    id."""
    if not isinstance(entry, Mapping) or "id" not in entry:
        return None
    try:
        return UUID(str(entry["id"]))
    except ValueError:
        return UUID(int=0)


def _deny(reason: str) -> Verdict:
    return Verdict(guardrail="evidence", decision=Decision.DENY, reason=reason)
