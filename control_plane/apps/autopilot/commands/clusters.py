"""`autopilot clusters`, `cluster`, `label`, `never-merge`, `tickets`, `ticket`, `pin`, `unpin`."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.autopilot.clusters import ClusterDetail, StoredCluster
from control_plane.apps.autopilot.store import clusters, functions_of
from control_plane.apps.autopilot.store.list_tickets import count_tickets, list_tickets, read_ticket
from control_plane.apps.autopilot.tickets import ListedTicket, StoredTicket, TicketCounts, TicketFilter
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.errors import InvalidInput
from services.process.terminal import run_async

app = typer.Typer()
ClusterId = Annotated[UUID, typer.Argument(metavar="CLUSTER", help="Id of the cluster.")]
TicketId = Annotated[UUID, typer.Argument(metavar="TICKET", help="Id of the ticket.")]
MAX_TICKETS = 1000


@app.command("clusters", epilog="Example: python -m control_plane autopilot clusters --tenant UUID")
def list_all(
    tenant: Tenant,
    model: Annotated[UUID | None, typer.Option(help="A model that is not the active one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the clusters of the active model, by name."""

    async def read() -> tuple[list[StoredCluster], TicketCounts]:
        async with backends() as services:
            await services.tenants.get(tenant)
            functions = functions_of(services)
            found = await clusters.list_clusters(functions, tenant, model=model)
            return found, await count_tickets(functions, tenant)

    found, counts = run_async(read())
    if as_json:
        show_json({"clusters": found, "tickets": counts.tickets, "unclassified": counts.unclassified})
        return
    show_lines(
        [
            (each.id, f"{each.tickets} tickets", each.kb_status, _cohesion(each.cohesion), name_of(each))
            for each in found
        ],
        empty="no clusters",
    )
    print(f"{counts.unclassified} of {counts.tickets} tickets are in no cluster")


@app.command("cluster", epilog="Example: python -m control_plane autopilot cluster UUID --tenant UUID")
def show_cluster(cluster: ClusterId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Show one cluster: its statuses, typical tickets and history."""

    async def read() -> ClusterDetail:
        async with backends() as services:
            return await clusters.read_cluster(functions_of(services), tenant, cluster)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            ("name", name_of(found)),
            ("tickets", found.tickets, tuple(f"{status}: {count}" for status, count in sorted(found.statuses.items()))),
            ("cohesion", _cohesion(found.cohesion)),
            ("knowledge", f"{found.kb_status}, {found.articles} articles"),
            ("typical", "", tuple(f"{each.external_id} {each.subject}" for each in found.example_tickets)),
            ("comes from", "", tuple(f"{each.kind}: {each.name or each.lineage_id}" for each in found.predecessors)),
            ("never merged with", "", tuple(map(str, found.not_merged_with))),
        ],
        empty="",
    )


@app.command("label", epilog="Example: python -m control_plane autopilot label UUID 'Remote access' --tenant UUID")
def label_cluster(
    cluster: ClusterId,
    tenant: Tenant,
    label: Annotated[str | None, typer.Argument(help="The name; without it, the label is taken away.")] = None,
    by: By = "operator",
) -> None:
    """Give a cluster a name for people, in place of the model's."""

    async def change() -> None:
        async with backends() as services:
            await clusters.set_label(functions_of(services), tenant, cluster, label, actor=operator(by))

    run_async(change())
    print(f"labelled {cluster}" if label else f"no label {cluster}")


@app.command("never-merge", epilog="Example: python -m control_plane autopilot never-merge UUID UUID --tenant UUID")
def never_merge(
    cluster: ClusterId,
    other: Annotated[UUID, typer.Argument(metavar="OTHER", help="Id of the other cluster.")],
    tenant: Tenant,
    *,
    allow: Annotated[bool, typer.Option("--allow", help="Allow it again.")] = False,
    by: By = "operator",
) -> None:
    """Forbid later trainings to merge two clusters."""

    async def change() -> None:
        async with backends() as services:
            await clusters.forbid_merge(
                functions_of(services), tenant, cluster, other, is_forbidden=not allow, actor=operator(by)
            )

    run_async(change())
    print("may be merged again" if allow else "never merged")


@app.command("tickets", epilog="Example: python -m control_plane autopilot tickets --tenant UUID --unclassified")
def list_tickets_of(
    tenant: Tenant,
    *,
    cluster: Annotated[UUID | None, typer.Option(help="Only the tickets of this cluster.")] = None,
    unclassified: Annotated[bool, typer.Option("--unclassified", help="Only tickets in no cluster.")] = False,
    status: Annotated[str | None, typer.Option(help="Only this status, as the ticket system words it.")] = None,
    connection: Annotated[UUID | None, typer.Option(help="Only the tickets of this connection.")] = None,
    search: Annotated[str | None, typer.Option(help="Text in the subject, or a whole ticket number.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many tickets.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List tickets, those that were opened last first."""
    if not 1 <= limit <= MAX_TICKETS:
        raise InvalidInput("--limit", f"must be from 1 to {MAX_TICKETS}")
    wanted = TicketFilter(
        cluster=cluster, unclassified=unclassified, status=status, connection=connection, search=search
    )

    async def read() -> list[ListedTicket]:
        async with backends() as services:
            await services.tenants.get(tenant)
            found: list[ListedTicket] = []
            before = None
            while len(found) < limit:
                page = await list_tickets(
                    functions_of(services), tenant, wanted, before=before, limit=limit - len(found)
                )
                found += page.tickets
                if page.searched_to is None:
                    break
                before = (page.searched_to.at, page.searched_to.id)
            return found

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (each.id, each.external_id, each.external_status, each.cluster_label or each.cluster_name or "–", each.subject)
        for each in found
    ]
    show_lines(rows, empty="no tickets")


@app.command("ticket", epilog="Example: python -m control_plane autopilot ticket UUID --tenant UUID")
def show_ticket(ticket: TicketId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Show one ticket, and in which cluster each model has it."""

    async def read() -> StoredTicket:
        async with backends() as services:
            return await read_ticket(functions_of(services), tenant, ticket)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    show_lines(
        [
            ("number", found.external_id),
            ("status", found.external_status),
            ("subject", found.subject),
            ("cluster", found.cluster_label or found.cluster_name or "none"),
            ("pinned by", found.pin.pinned_by if found.pin else "nobody"),
            ("history", "", tuple(f"{each.model_name}: {each.label or each.name}" for each in found.history)),
        ],
        empty="",
    )


@app.command("pin", epilog="Example: python -m control_plane autopilot pin TICKET CLUSTER --tenant UUID")
def pin(ticket: TicketId, cluster: ClusterId, tenant: Tenant, by: By = "operator") -> None:
    """Put a ticket into a cluster, and keep it there in later models."""
    _pin(ticket, cluster, tenant, by)
    print(f"pinned {ticket}")


@app.command("unpin", epilog="Example: python -m control_plane autopilot unpin TICKET --tenant UUID")
def unpin(ticket: TicketId, tenant: Tenant, by: By = "operator") -> None:
    """Take the pin of a ticket away. The ticket stays in its cluster for now."""
    _pin(ticket, None, tenant, by)
    print(f"unpinned {ticket}")


def name_of(cluster: StoredCluster) -> str:
    """The name that people see."""
    return " / ".join(each for each in (cluster.label or cluster.name, cluster.subcluster_name) if each)


def _pin(ticket: UUID, cluster: UUID | None, tenant: UUID, by: str) -> None:
    async def change() -> None:
        async with backends() as services:
            await clusters.pin_ticket(functions_of(services), tenant, ticket, cluster, actor=operator(by))

    run_async(change())


def _cohesion(cohesion: float | None) -> str:
    return "–" if cohesion is None else f"cohesion {cohesion:.2f}"
