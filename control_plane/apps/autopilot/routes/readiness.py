"""`/v1/autopilot`: verdicts of people about tickets, and what a cluster needs before autopilot may answer by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.apps.autopilot.clusters import Verdict
from control_plane.apps.autopilot.readiness import Readiness, Sample, SkippedTicket, TicketVerdict
from control_plane.apps.autopilot.store import clusters, functions_of, readiness

router = APIRouter(prefix="/v1/autopilot", route_class=StrictRoute, tags=["readiness"])


class SampleList(BaseModel):
    """Tickets to judge, from the centre of the cluster to its border."""

    items: list[Sample]


class Judge(BaseModel, extra="forbid"):
    """A verdict about one ticket."""

    verdict: Verdict | None = Field(description="Whether the ticket belongs to its cluster; null removes the verdict.")


class JudgedTicket(Judge):
    """A verdict about a ticket of the cluster."""

    ticket_id: UUID


class JudgeMany(BaseModel, extra="forbid"):
    """Verdicts about tickets as they were shown."""

    verdicts: list[JudgedTicket] = Field(min_length=1, max_length=100)


class JudgedAnswer(BaseModel):
    """What was judged and what was skipped, and how many tickets of the cluster people trust now."""

    trusted: int
    judged: list[UUID]
    skipped: list[SkippedTicket]


class SetAutoRespond(BaseModel, extra="forbid"):
    """Whether autopilot answers new tickets of the cluster."""

    is_on: bool


@router.get("/clusters/{cluster_id}/samples")
async def list_samples(
    cluster_id: UUID, caller: Reader, tenant_id: TenantId = None, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> SampleList:
    """Tickets of a cluster that nobody has judged, from the centre to the border."""
    tenant = await caller.known_tenant(tenant_id)
    found = await readiness.next_samples(functions_of(caller.backends), tenant, cluster_id, limit=limit)
    return SampleList(items=found)


@router.post("/clusters/{cluster_id}/verdicts")
async def judge_many(cluster_id: UUID, body: JudgeMany, caller: Person, tenant_id: TenantId = None) -> JudgedAnswer:
    """Say of tickets whether they belong to the cluster. What changed meanwhile is skipped and named.

    If a ticket that was answered automatically is wrong, the automatic response is switched off. For owners and
    reviewers.
    """
    verdicts = [TicketVerdict(ticket_id=each.ticket_id, verdict=each.verdict) for each in body.verdicts]
    done = await readiness.judge_tickets(
        functions_of(caller.backends), caller.one_tenant(tenant_id), cluster_id, verdicts, actor=caller.actor
    )
    return JudgedAnswer(trusted=done.cluster.validation_current, judged=list(done.judged), skipped=list(done.skipped))


@router.post("/tickets/{ticket_id}/verdict")
async def judge(ticket_id: UUID, body: Judge, caller: Person, tenant_id: TenantId = None) -> Readiness:
    """Say of one ticket whether it belongs to its cluster, whatever was said before. For owners and reviewers."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    cluster = await clusters.judge_ticket(functions, tenant, ticket_id, body.verdict, actor=caller.actor)
    return await readiness.read_readiness(functions, tenant, cluster.id)


@router.get("/clusters/{cluster_id}/readiness")
async def get_readiness(cluster_id: UUID, caller: Reader, tenant_id: TenantId = None) -> Readiness:
    """How far a cluster is, and what is missing before autopilot may answer its tickets."""
    return await readiness.read_readiness(functions_of(caller.backends), caller.one_tenant(tenant_id), cluster_id)


@router.post("/clusters/{cluster_id}/auto-respond")
async def set_auto_respond(
    cluster_id: UUID, body: SetAutoRespond, caller: Person, tenant_id: TenantId = None
) -> Readiness:
    """Let autopilot answer new tickets of a cluster, or stop it. 409 says what is missing. For owners."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    await clusters.set_auto_respond(functions, tenant, cluster_id, is_on=body.is_on, actor=caller.actor)
    return await readiness.read_readiness(functions, tenant, cluster_id)
