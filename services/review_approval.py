"""Everything that a person needs to decide about one call: the call, its account and evidence, and how earlier calls
ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.accounts import Account
from services.approvals import Approval, ApprovalRecord
from services.approvals.digest import call_digest
from services.backends import Backends
from services.catalog import Tool
from services.envelope import Envelope, highest_risk
from services.evidence import EvidenceKey, StoredEvidence
from services.explain import explain
from services.guardrails import Verdict
from services.guardrails.account import account_for
from services.guardrails.approval_rules import two_people_for
from services.guardrails.evidence import cited_evidence
from services.hidden_characters import escape_hidden
from services.show_approvals import find_approval, list_last_calls, read_history
from services.show_envelopes import find_tools_of, tool_key


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedEvidence:
    """One reference of the proposal to evidence."""

    text: str
    """Free text, or the id of collected evidence. Hidden characters are escaped."""
    sha256: str | None = None
    """The hash that the proposal cites."""
    stored: StoredEvidence | None = None
    """The collected evidence with this id; None for free text, or if no evidence has this id."""

    @property
    def is_as_cited(self) -> bool:
        """Whether there is collected evidence with the cited hash."""
        return self.stored is not None and self.sha256 in {None, self.stored.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One envelope and its approvals, as people may see them."""

    envelope: Envelope
    approval: Approval | None
    """The pending approval of the envelope; None if there is none."""
    records: Sequence[ApprovalRecord]
    """Every request and its decision, the oldest first."""
    tool: Tool | None
    account: Account | None
    """The account that the call would use now."""
    verdicts: Sequence[Verdict]
    """The verdicts of all guardrails, judged now; empty if the call has ended."""
    evidence: Sequence[CitedEvidence]
    last_calls: Sequence[Envelope]
    needs_two: bool | None
    """Whether two people have to approve the call; None if the rules cannot be read."""
    has_changed: bool
    """Whether the tool or the account has changed since the approval was requested. The worker would then request it
    again."""


async def review(backends: Backends, tenant: UUID, envelope_id: UUID, *, now: datetime) -> Review:
    """Read everything that the review of this envelope shows. Raises NotFound."""
    explanation = await explain(backends, tenant, envelope_id, now=now)
    raw = explanation.envelope
    envelope, records = await read_history(backends, tenant, envelope_id)
    approval = await find_approval(backends, tenant, envelope_id)
    tool = (await find_tools_of(backends, [raw])).get(tool_key(raw))
    policy = (await backends.guardrails.policies([tenant])).get(tenant)
    account = None if tool is None or policy is None else account_for(raw, tool, policy)
    risk = raw.risk if tool is None else highest_risk(raw.risk, tool.risk)
    return Review(
        envelope=envelope,
        approval=approval,
        records=records,
        tool=tool,
        account=account,
        verdicts=explanation.verdicts,
        evidence=_read_citations(raw, await backends.evidence.find(cited_evidence(raw))),
        last_calls=await list_last_calls(backends, tenant, envelope_id),
        needs_two=None if policy is None else two_people_for(risk, policy.settings),
        has_changed=approval is not None and call_digest(raw, tool, account) != approval.digest,
    )


async def accounts_of(backends: Backends, approvals: Sequence[Approval]) -> dict[UUID, Account]:
    """The account that each of these calls would use now, by the id of the approval. Calls that use no account are left
    out."""
    envelopes = [approval.envelope for approval in approvals]
    tools = await find_tools_of(backends, envelopes)
    tenants = list(dict.fromkeys(envelope.tenant_id for envelope in envelopes))
    policies = await backends.guardrails.policies(tenants) if tenants else {}
    found: dict[UUID, Account] = {}
    for approval in approvals:
        tool, policy = tools.get(tool_key(approval.envelope)), policies.get(approval.envelope.tenant_id)
        account = None if tool is None or policy is None else account_for(approval.envelope, tool, policy)
        if account is not None:
            found[approval.id] = account
    return found


def _read_citations(envelope: Envelope, stored: Mapping[EvidenceKey, StoredEvidence]) -> list[CitedEvidence]:
    entries = envelope.trust_context.get("evidence")
    by_id = {str(key.id): row for key, row in stored.items()}
    return [_read_citation(entry, by_id) for entry in entries] if isinstance(entries, list | tuple) else []


def _read_citation(entry: Any, stored: Mapping[str, StoredEvidence]) -> CitedEvidence:
    if not isinstance(entry, Mapping):
        return CitedEvidence(text=escape_hidden(str(entry)))
    id_, sha256 = str(entry.get("id", "")), entry.get("sha256")
    return CitedEvidence(
        text=escape_hidden(id_ or str(dict(entry))), sha256=None if sha256 is None else escape_hidden(str(sha256)),
        stored=stored.get(id_.lower()),
    )  # fmt: skip
