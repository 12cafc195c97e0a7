"""Judge a proposal as it would be judged now, and write nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.approvals.digest import call_digest
from services.backends import Backends
from services.envelope import Actor, Risk
from services.guardrails import Decision, Verdict
from services.guardrails.judge import strictest
from services.outbox.proposals import new_envelope
from services.propose import judge_now, read_proposal
from services.set_objective import find_objective


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The result of a dry run: what would happen to a proposal."""

    decision: Decision
    """The strictest of the verdicts."""
    verdicts: tuple[Verdict, ...]
    digest: str
    """The digest to which an approval would be bound, if the call is proposed with this `envelope_id`."""
    envelope_id: UUID
    tool_version: str
    risk: Risk
    guardrails_version: int
    account_id: UUID | None
    """The connected account that the call would use."""


async def dry_run(backends: Backends, document: Mapping[str, Any], *, actor: Actor, now: datetime) -> DryRun:
    """Check and judge a proposal, and write nothing: no envelope, no audit row, no rate token.

    Does not check whether the `external_id` was used before. Raises InvalidInput with every invalid field, NotFound.
    """
    proposal, tool, policy = await read_proposal(backends, document)
    if proposal.objective_id is not None:
        await find_objective(backends, proposal.tenant_id, proposal.objective_id)
    envelope = new_envelope(proposal, proposed_by=actor.principal, created_at=now, next_run_at=proposal.next_run_at)
    judgement = await judge_now(backends, envelope, tool, policy, now)
    account = judgement.account
    return DryRun(
        decision=strictest(judgement.verdicts).decision,
        verdicts=judgement.verdicts,
        digest=call_digest(envelope, tool, account),
        envelope_id=envelope.id,
        tool_version=tool.version,
        risk=proposal.risk,
        guardrails_version=policy.version,
        account_id=None if account is None else account.id,
    )
