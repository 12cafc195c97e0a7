"""`python -m control_plane autopilot samples`, `judge`, `readiness`, `auto-respond`, `responses`."""

from typing import Annotated, Literal
from uuid import UUID

import typer

from control_plane.apps.autopilot.clusters import StoredCluster, Verdict
from control_plane.apps.autopilot.readiness import (
    JudgedTickets,
    Readiness,
    ResponseState,
    Sample,
    TicketResponse,
    TicketVerdict,
)
from control_plane.apps.autopilot.store import clusters, functions_of
from control_plane.apps.autopilot.store import readiness as store
from control_plane.apps.autopilot.store import responses as response_store
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import run_async
from services.untrusted import one_line

app = typer.Typer()
ClusterId = Annotated[UUID, typer.Argument(metavar="CLUSTER", help="Id of a cluster of the active model.")]


@app.command(epilog="Example: python -m control_plane autopilot samples UUID --tenant UUID")
def samples(
    cluster: ClusterId,
    tenant: Tenant,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many tickets.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List tickets of a cluster that nobody has judged, from its centre to its border."""

    async def read() -> list[Sample]:
        async with backends() as services:
            return await store.next_samples(functions_of(services), tenant, cluster, limit=limit)

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines([(each.id, each.external_id, one_line(each.subject)) for each in found], empty="no tickets to judge")


@app.command(epilog="Example: python -m control_plane autopilot judge UUID --tenant UUID --trusted UUID --wrong UUID")
def judge(
    cluster: ClusterId,
    tenant: Tenant,
    *,
    trusted: Annotated[
        list[UUID] | None, typer.Option(help="A ticket that belongs to the cluster; repeatable.")
    ] = None,
    wrong: Annotated[list[UUID] | None, typer.Option(help="A ticket that does not; repeatable.")] = None,
    by: By = "operator",
    as_json: AsJson = False,
) -> None:
    """Say of tickets whether they belong to the cluster. What changed meanwhile is skipped and named."""
    verdicts = [
        TicketVerdict(ticket_id=each, verdict=verdict)
        for verdict, tickets in ((Verdict.TRUSTED, trusted), (Verdict.WRONG, wrong))
        for each in tickets or []
    ]

    async def record() -> JudgedTickets:
        async with backends() as services:
            return await store.judge_tickets(functions_of(services), tenant, cluster, verdicts, actor=operator(by))

    done = run_async(record())
    if as_json:
        show_json(done)
        return
    print(f"judged {len(done.judged)}; people trust {done.cluster.validation_current} tickets of the cluster")
    for each in done.skipped:
        print(f"skipped {each.ticket_id}: {each.problem}")


@app.command(epilog="Example: python -m control_plane autopilot readiness UUID --tenant UUID")
def readiness(cluster: ClusterId, tenant: Tenant, as_json: AsJson = False) -> None:
    """Show how far a cluster is, and what is missing before autopilot may answer its tickets."""

    async def read() -> Readiness:
        async with backends() as services:
            return await store.read_readiness(functions_of(services), tenant, cluster)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    print(f"trusted: {found.trusted} of {found.target or 'an unset target'}; wrong: {found.wrong}")
    print(f"knowledge: {found.kb_status}, {found.articles} articles")
    last = found.dry_run
    if last is not None:
        print(f"last dry-run: {last.id}, {last.status}, {last.answered} of {last.done} answered")
    print(f"tool that answers: {found.response_tool_slug or 'none is set'}")
    print(f"automatic response: {'on' if found.auto_respond else 'off'}")
    for line in found.missing:
        print(f"missing: {line}")
    if found.is_ready:
        print("ready")


@app.command("auto-respond", epilog="Example: python -m control_plane autopilot auto-respond UUID on --tenant UUID")
def auto_respond(
    cluster: ClusterId,
    switch: Annotated[Literal["on", "off"], typer.Argument(metavar="SWITCH", help="`on` or `off`.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Let autopilot answer new tickets of a cluster, or stop it."""

    async def change() -> StoredCluster:
        async with backends() as services:
            return await clusters.set_auto_respond(
                functions_of(services), tenant, cluster, is_on=switch == "on", actor=operator(by)
            )

    run_async(change())
    print(f"automatic response of cluster {cluster}: {switch}")


@app.command(epilog="Example: python -m control_plane autopilot responses --tenant UUID --state unknown")
def responses(
    tenant: Tenant,
    *,
    cluster: Annotated[UUID | None, typer.Option(help="Only those to tickets of this cluster.")] = None,
    state: Annotated[ResponseState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the automatic responses, the newest first."""

    async def read() -> list[TicketResponse]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await response_store.list_responses(
                functions_of(services), tenant, cluster=cluster, state=state, limit=limit
            )

    found = run_async(read())
    if as_json:
        show_json(found)
    else:
        show_lines(
            [
                (
                    each.external_id,
                    each.state,
                    each.envelope_id or "–",
                    one_line(each.reason or each.article_title or ""),
                )
                for each in found
            ],
            empty="no responses",
        )
