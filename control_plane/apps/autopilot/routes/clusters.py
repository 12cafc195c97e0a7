"""`/v1/autopilot/clusters`: tickets of one kind, their names, and which of them are never merged."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from control_plane.api.bodies import StrictRoute
from control_plane.api.etags import IfMatch, check_match, etag
from control_plane.api.identity import Person, Reader, TenantId
from control_plane.apps.autopilot.clusters import ClusterDetail, StoredCluster
from control_plane.apps.autopilot.store import clusters, functions_of
from control_plane.apps.autopilot.store.list_tickets import count_tickets

router = APIRouter(prefix="/v1/autopilot/clusters", route_class=StrictRoute, tags=["clusters"])


class ClusterList(BaseModel):
    """The clusters of a model, and how many tickets there are."""

    items: list[StoredCluster]
    tickets: int = Field(description="All tickets of the tenant.", examples=[1240])
    unclassified: int = Field(description="Tickets in no cluster.", examples=[12])


class ClusterChange(BaseModel, extra="forbid"):
    """The name of a cluster for people."""

    label: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        description="In place of the model's name; null takes it away.", examples=["Remote access"]
    )


class NeverMerge(BaseModel, extra="forbid"):
    """The other cluster of a pair that is never merged."""

    other_cluster_id: UUID
    is_forbidden: bool = Field(default=True, description="false allows it again.")


@router.get("")
async def list_all(
    caller: Reader,
    tenant_id: TenantId = None,
    model_id: Annotated[UUID | None, Query(description="A model that is not the active one.")] = None,
) -> ClusterList:
    """The clusters of the active model, by name, with their tickets, articles and cohesion."""
    tenant = await caller.known_tenant(tenant_id)
    functions = functions_of(caller.backends)
    counts = await count_tickets(functions, tenant)
    found = await clusters.list_clusters(functions, tenant, model=model_id)
    return ClusterList(items=found, tickets=counts.tickets, unclassified=counts.unclassified)


@router.get("/{cluster_id}")
async def get(cluster_id: UUID, response: Response, caller: Reader, tenant_id: TenantId = None) -> ClusterDetail:
    """One cluster: its statuses, typical tickets and history. Send its ETag as If-Match to change its label."""
    found = await clusters.read_cluster(functions_of(caller.backends), caller.one_tenant(tenant_id), cluster_id)
    response.headers["ETag"] = etag({"etag": found.etag})
    return found


@router.patch("/{cluster_id}")
async def change(
    cluster_id: UUID, body: ClusterChange, response: Response, caller: Person, tenant_id: TenantId = None,
    if_match: IfMatch = None,
) -> ClusterDetail:  # fmt: skip
    """Give a cluster a name for people. Needs the header If-Match. Later models keep it. For owners and reviewers."""
    functions, tenant = functions_of(caller.backends), caller.one_tenant(tenant_id)
    before = await clusters.read_cluster(functions, tenant, cluster_id)
    check_match(if_match, {"etag": before.etag})
    await clusters.set_label(functions, tenant, cluster_id, body.label, etag=before.etag, actor=caller.actor)
    return await get(cluster_id, response, caller, tenant_id)


@router.post("/{cluster_id}/never-merge", status_code=204)
async def never_merge(cluster_id: UUID, body: NeverMerge, caller: Person, tenant_id: TenantId = None) -> None:
    """Forbid later trainings to merge two clusters, or allow it again. For owners and reviewers."""
    await clusters.forbid_merge(
        functions_of(caller.backends), caller.one_tenant(tenant_id), cluster_id, body.other_cluster_id,
        is_forbidden=body.is_forbidden, actor=caller.actor,
    )  # fmt: skip
