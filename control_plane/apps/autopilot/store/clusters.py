"""What people decide about clusters and their tickets, and the knowledge that answers them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.clusters import ClusterDetail, StoredCluster, Verdict
from services.backends.functions import Functions, by
from services.envelope import Actor
from services.errors import NotFound

_CLUSTER = TypeAdapter(StoredCluster)
_CLUSTERS = TypeAdapter(list[StoredCluster])
_DETAIL = TypeAdapter(ClusterDetail)


async def list_clusters(functions: Functions, tenant: UUID, *, model: UUID | None = None) -> list[StoredCluster]:
    """The clusters of the active model, or of another one, by name."""
    return _CLUSTERS.validate_python(await functions.call("autopilot.list_clusters", tenant=tenant, model=model))


async def read_cluster(functions: Functions, tenant: UUID, cluster: UUID) -> ClusterDetail:
    """One cluster of any model. Raises NotFound."""
    row = await functions.call("autopilot.read_cluster", tenant=tenant, cluster=cluster)
    if row is None:
        raise NotFound("cluster", cluster)
    return _DETAIL.validate_python(row)


async def judge_ticket(
    functions: Functions, tenant: UUID, ticket: UUID, verdict: Verdict | None, *, actor: Actor
) -> StoredCluster:
    """Record whether a person finds a ticket's cluster right (`trusted`) or `wrong`; None removes the verdict. Raises
    NotFound, NotAllowed, StateConflict."""
    row = await functions.call(
        "autopilot.judge_ticket", tenant=tenant, ticket=ticket, verdict=verdict, **by(actor), as_of=functions.as_of()
    )
    return _CLUSTER.validate_python(row)


async def set_auto_respond(
    functions: Functions, tenant: UUID, cluster: UUID, *, is_on: bool, actor: Actor
) -> StoredCluster:
    """Switch the automatic response on or off. Raises NotFound, NotAllowed, and StateConflict if the
    cluster is not ready."""
    row = await functions.call(
        "autopilot.set_auto_respond", tenant=tenant, cluster=cluster, is_on=is_on, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip
    return _CLUSTER.validate_python(row)


async def pin_ticket(functions: Functions, tenant: UUID, ticket: UUID, cluster: UUID | None, *, actor: Actor) -> None:
    """Keep a ticket in a cluster, also in later models; None removes the pin. Raises NotFound, NotAllowed."""
    await functions.call(
        "autopilot.pin_ticket", tenant=tenant, ticket=ticket, cluster=cluster, **by(actor), as_of=functions.as_of()
    )


async def forbid_merge(
    functions: Functions, tenant: UUID, cluster: UUID, other: UUID, *, is_forbidden: bool = True, actor: Actor
) -> None:
    """Forbid later models to merge two clusters, or allow it again. Raises NotFound, NotAllowed, InvalidInput."""
    await functions.call(
        "autopilot.forbid_merge", tenant=tenant, cluster=cluster, other_cluster=other, is_forbidden=is_forbidden,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip


async def save_matches(
    functions: Functions, tenant: UUID, cluster: UUID, scores: Mapping[UUID, float], *, version: int | None = None,
    actor: Actor,
) -> StoredCluster:  # fmt: skip
    """Record which articles a search found for a cluster; without any article the cluster is a gap. `version` is the
    version of the knowledge that was searched. Raises NotFound, NotAllowed."""
    matches: list[dict[str, Any]] = [{"article_id": str(id_), "score": score} for id_, score in scores.items()]
    row = await functions.call(
        "autopilot.save_matches", tenant=tenant, cluster=cluster, matches=matches, version=version,
        **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _CLUSTER.validate_python(row)


async def set_label(
    functions: Functions, tenant: UUID, cluster: UUID, label: str | None, *, etag: str | None = None, actor: Actor
) -> StoredCluster:
    """Give a cluster a name for people; None removes the name. `etag` is that of the cluster as the caller saw it.
    Raises NotFound, NotAllowed, InvalidInput, and StateConflict if the label has changed."""
    row = await functions.call(
        "autopilot.set_label", tenant=tenant, cluster=cluster, label=label, etag=etag, **by(actor),
        as_of=functions.as_of(),
    )  # fmt: skip
    return _CLUSTER.validate_python(row)
