"""`/v1/autopilot/proposals`: what a training would change, and what people decide about it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.api.pages import After, Cursors, Limit, Page, page_of
from control_plane.api.problems import Problem
from control_plane.apps.autopilot.decide_proposals import accept_proposals
from control_plane.apps.autopilot.proposals import AcceptedProposals, Proposal, ProposalStatus
from control_plane.apps.autopilot.store import functions_of, proposals

router = APIRouter(prefix="/v1/autopilot/proposals", route_class=StrictRoute, tags=["cluster proposals"])


class Decided(BaseModel, extra="forbid"):
    """The proposals that somebody decides, all or none."""

    proposals: list[UUID] = Field(min_length=1, max_length=1000)


class Rejected(BaseModel):
    """How many proposals were rejected."""

    rejected: int


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    status: Annotated[ProposalStatus, Query(description="Only proposals in this state.")] = ProposalStatus.OPEN,
    limit: Limit = 50,
    after: After = None,
) -> Page[Proposal]:
    """The proposals with their evidence: the open ones as the training listed them, the others last decided first."""
    tenant = await caller.known_tenant(tenant_id)
    cursors = Cursors("cluster proposals", tenant, status)
    skipped = _read_number(cursors.read_key(after))
    rows = await proposals.list_proposals(
        functions_of(caller.backends), tenant, status=status, skipped=skipped, limit=limit + 1
    )
    shown, has_more = page_of(rows, limit)
    return Page(items=list(shown), next=cursors.write_key(str(skipped + limit), "") if has_more else None)


@router.get("/{proposal_id}")
async def get(proposal_id: UUID, caller: Reader, tenant_id: TenantId = None) -> Proposal:
    """One proposal, also a decided one: by whom and when."""
    return await proposals.read_proposal(functions_of(caller.backends), caller.one_tenant(tenant_id), proposal_id)


@router.post("/accept")
async def accept(body: Decided, caller: Person, tenant_id: TenantId = None) -> AcceptedProposals:
    """Make the next model of these proposals, and activate it. 409 says what changed since, or who decided before and
    when; then nothing is accepted. For owners."""
    return await accept_proposals(
        functions_of(caller.backends), caller.one_tenant(tenant_id), body.proposals, actor=caller.actor
    )


@router.post("/reject")
async def reject(body: Decided, caller: Person, tenant_id: TenantId = None) -> Rejected:
    """Reject these proposals. Later trainings do not propose them again. 409 says who decided before and when. For
    owners."""
    rejected = await proposals.reject_proposals(
        functions_of(caller.backends), caller.one_tenant(tenant_id), body.proposals, actor=caller.actor
    )
    return Rejected(rejected=rejected)


def _read_number(key: tuple[str, str] | None) -> int:
    if key is None:
        return 0
    if not key[0].isascii() or not key[0].isdigit() or len(key[0]) > 6:
        raise Problem(400, "after: is not a cursor of this list; begin again without it")
    return int(key[0])
