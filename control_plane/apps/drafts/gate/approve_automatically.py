"""Decide about the drafts of topics that let the application decide. An approval is an envelope under guardrails."""

from dataclasses import dataclass
from uuid import UUID

from control_plane.apps.drafts.decide_draft import decide_draft
from control_plane.apps.drafts.gate.automatic import decide
from control_plane.apps.drafts.store import functions_of
from control_plane.apps.drafts.store.gate import GateStore
from control_plane.apps.drafts.values import DraftDecision
from services.backends import Backends
from services.envelope import Actor
from services.errors import ControlPlaneError, concerns_one_tenant

LIMIT = 100
"""The most drafts of one run."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How many drafts the application decided about, how many it approved, and why approvals failed."""

    judged: int
    approved: int
    problems: tuple[str, ...]


async def approve_automatically(backends: Backends, tenant: UUID, *, actor: Actor) -> Judged:
    """Judge the drafts that wait, record each decision, and approve those of automatic topics.

    The decision is recorded first: if the approval then fails, or this process dies, the draft waits for a person.
    """
    gate = GateStore(functions_of(backends), tenant, actor)
    judged = approved = 0
    problems = []
    for candidate in await gate.candidates(limit=LIMIT):
        judged += 1
        if not await gate.record_decision(candidate.draft_id, decide(candidate)):
            continue
        try:
            await decide_draft(
                backends, tenant, candidate.draft_id, decision=DraftDecision.APPROVE, version=candidate.version,
                digest=candidate.digest, actor=actor,
            )  # fmt: skip
            approved += 1
        except ControlPlaneError as exc:
            if not concerns_one_tenant(exc):
                raise
            problems.append(f"draft {candidate.draft_id}: {exc}")
    return Judged(judged, approved, tuple(problems))
