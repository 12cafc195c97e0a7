"""Judge an envelope by the candidate of a shadow run. The verdict is recorded only, it has no effect. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.catalog import Tool
from services.envelope import Envelope
from services.evidence import EvidenceKey, StoredEvidence
from services.guardrails import Policy, Shadow, Verdict
from services.guardrails.judge import judge, strictest


def judge_shadow(
    envelope: Envelope,
    tool: Tool,
    policy: Policy,
    shadow: Shadow,
    now: datetime,
    *,
    evidence: Mapping[EvidenceKey, StoredEvidence],
) -> Verdict:
    """The candidate's strictest verdict. Its rate limits are not judged, because that would take tokens."""
    candidate = replace(policy, settings=shadow.settings, shadow=None)
    return strictest(judge(envelope, tool, candidate, now, evidence=evidence).verdicts)
