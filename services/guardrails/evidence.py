"""Does the proposal name its evidence, and is what it names still there, unchanged and fresh enough?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.envelope import Envelope
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Decision, GuardrailSettings, Verdict

NOT_ASKED = Verdict(guardrail="evidence", decision=Decision.ALLOW, reason="The tenant asks for no evidence.")
GIVEN = Verdict(guardrail="evidence", decision=Decision.ALLOW, reason="The proposal names its evidence.")

WHAT_COUNTS = 'text that is not blank, or {"id": …, "sha256": …} of collected evidence, in its place'
REMEDY = 'propose again with {"id": …, "sha256": …} of evidence that a scan has collected'

FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters to Unicode, blanks to the eye."""


def cited_evidence(envelope: Envelope) -> list[EvidenceKey]:
    """Collected evidence that a proposal refers to, as `{"id": …, "sha256": …}`. Other entries are words for people."""
    return [EvidenceKey(envelope.tenant_id, id_) for entry in _entries(envelope) if (id_ := _id(entry)) is not None]


def judge_evidence(
    envelope: Envelope, settings: GuardrailSettings, found: Mapping[EvidenceKey, StoredEvidence], now: datetime
) -> Verdict:
    """`found` holds what `cited_evidence` names and there is.

    A denial, not a question: an approval answers the trust guardrail only, so it could never let this through.
    """
    if not settings.require_evidence:
        return NOT_ASKED
    entries = _entries(envelope)
    if not entries:
        return _deny(
            "The tenant asks for evidence and there is none: propose again with a list in trust_context.evidence."
        )
    for at, entry in enumerate(entries):
        if not _says_something(entry):
            return _deny(f"trust_context.evidence[{at}] refers to nothing: propose again with {WHAT_COUNTS}.")
    seen: list[datetime] = []
    for entry in entries:
        id_ = _id(entry)
        if id_ is None:
            continue
        kept = found.get(EvidenceKey(envelope.tenant_id, id_))
        if kept is None or entry.get("sha256", kept.sha256) != kept.sha256:
            return _deny(f"The tenant has no evidence {id_} with this sha256: {REMEDY}.")
        seen.append(kept.seen_at)
    age = settings.evidence_max_age
    if age is None or any(moment >= now - timedelta(seconds=age) for moment in seen):
        return GIVEN
    return _deny(f"No evidence it names was seen in the last {age} s: {REMEDY} since.")


def _entries(envelope: Envelope) -> list[Any]:
    listed = envelope.trust_context.get("evidence")
    return listed if isinstance(listed, list) else []


def _says_something(entry: Any) -> bool:
    """Text, a reference by id, or an object with some text in it; blanks, numbers, lists and the like say nothing."""
    if isinstance(entry, Mapping):
        return "id" in entry or any(map(_is_text, entry.values()))
    return _is_text(entry)


def _is_text(value: Any) -> bool:
    """With a letter or digit that can be seen: not just spaces, dots, or characters without a width."""
    return isinstance(value, str) and any(letter.isalnum() and letter not in FILLERS for letter in value)


def _id(entry: Any) -> UUID | None:
    """Of an entry that refers to collected evidence; one whose id is none refers to what cannot be there."""
    if not isinstance(entry, Mapping) or "id" not in entry:
        return None
    try:
        return UUID(str(entry["id"]))
    except ValueError:
        return UUID(int=0)


def _deny(reason: str) -> Verdict:
    return Verdict(guardrail="evidence", decision=Decision.DENY, reason=reason)
