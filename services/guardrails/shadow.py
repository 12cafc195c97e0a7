"""What the candidate of a shadow run would have decided about an envelope. Pure, and decides nothing."""

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
    """The candidate's verdict that would count. No rate token is taken, so its rate limits are not judged."""
    candidate = replace(policy, settings=shadow.settings, shadow=None)
    return strictest(judge(envelope, tool, candidate, now, evidence=evidence).verdicts)
