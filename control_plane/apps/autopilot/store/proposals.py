"""Store proposals, read them, and record what people decided."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.proposals import (
    AcceptedProposals,
    ClusterRules,
    DescribedCluster,
    NewProposal,
    Proposal,
    ProposalStatus,
    ProposedChange,
)
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound

_PROPOSALS = TypeAdapter(list[Proposal])
_CHANGES = TypeAdapter(list[ProposedChange])
_NEW = TypeAdapter(NewProposal)
_RULES = TypeAdapter(ClusterRules)
_ACCEPTED = TypeAdapter(AcceptedProposals)


async def save_proposals(
    functions: Functions, tenant: UUID, model: UUID, proposals: Sequence[NewProposal], *, actor: Actor
) -> int:
    """Store what a training would change in the active model, in place of earlier open proposals. What people rejected
    before is left out. Returns how many were stored. Raises NotFound, and StateConflict if the model is not active."""
    answer = await functions.call(
        "autopilot.save_proposals", tenant=tenant, model=model, proposals=[_row(each) for each in proposals],
        actor_id=actor.id, door=actor.door, as_of=functions.as_of(),
    )  # fmt: skip
    return int(answer["saved"])


async def list_proposals(
    functions: Functions, tenant: UUID, *, status: ProposalStatus = ProposalStatus.OPEN, skipped: int = 0,
    limit: int = 50,
) -> list[Proposal]:  # fmt: skip
    """A page of proposals: the open ones as the training listed them, the decided ones last decided first."""
    rows = await functions.call(
        "autopilot.list_proposals", tenant=tenant, status=status, skipped=skipped, max_proposals=limit
    )
    return _PROPOSALS.validate_python(rows)


async def read_proposal(functions: Functions, tenant: UUID, proposal: UUID) -> Proposal:
    """One proposal. Raises NotFound."""
    rows = await functions.call("autopilot.list_proposals", tenant=tenant, proposal=proposal)
    found = _PROPOSALS.validate_python(rows)
    if not found:
        raise NotFound("proposal", proposal)
    return found[0]


async def read_changes(functions: Functions, tenant: UUID, proposals: Sequence[UUID]) -> list[ProposedChange]:
    """What is needed to carry out these proposals, with all their tickets."""
    rows = await functions.call("autopilot.read_proposals", tenant=tenant, proposals=list(proposals))
    return _CHANGES.validate_python(rows)


async def read_rules(functions: Functions, tenant: UUID) -> ClusterRules:
    """The pins, and the clusters that are never merged."""
    return _RULES.validate_python(await functions.call("autopilot.read_cluster_rules", tenant=tenant))


async def reject_proposals(functions: Functions, tenant: UUID, proposals: Sequence[UUID], *, actor: Actor) -> int:
    """Reject proposals, all or none. Returns how many. Raises NotFound, NotAllowed, and StateConflict with who decided
    before and when."""
    answer = await functions.call(
        "autopilot.reject_proposals", tenant=tenant, proposals=list(proposals), **by(actor), as_of=functions.as_of()
    )
    return int(answer["rejected"])


async def accept_proposals(
    functions: Functions, tenant: UUID, proposals: Sequence[UUID], *, model: UUID, clusters: Sequence[DescribedCluster],
    scores: Mapping[UUID, float], actor: Actor,
) -> AcceptedProposals:  # fmt: skip
    """Make the next model of these proposals and the present clusters, and activate it. Raises NotFound, NotAllowed,
    and StateConflict with who decided before and when, or with what changed."""
    answer = await functions.call(
        "autopilot.accept_proposals", tenant=tenant, proposals=list(proposals), model=model,
        clusters=[_described(each) for each in clusters],
        scores=[{"ticket_id": str(ticket), "score": score} for ticket, score in scores.items()],
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _ACCEPTED.validate_python(answer)


def _row(proposal: NewProposal) -> dict[str, Any]:
    content = _NEW.dump_python(proposal, mode="json")
    return {"kind": content.pop("kind"), "tickets": content.pop("tickets"), "content": content}


def _described(cluster: DescribedCluster) -> dict[str, Any]:
    return {
        "lineage_id": str(cluster.lineage_id), "centroid": base64.b64encode(cluster.centroid).decode("ascii"),
        "floor": cluster.floor, "cohesion": cluster.cohesion, "examples": [str(each) for each in cluster.examples],
    }  # fmt: skip
