"""`autopilot train`, `models`, `activate-model`, `roll-back-model`, `proposals`, `accept`, `reject`."""

from typing import Annotated
from uuid import UUID

import typer

from control_plane.apps.autopilot.clusters import StoredModel, SwitchedModel
from control_plane.apps.autopilot.proposals import AcceptedProposals, ConcernedCluster, Proposal, ProposalStatus
from control_plane.apps.autopilot.runs import Run
from control_plane.apps.autopilot.store import functions_of, models, proposals, runs
from control_plane.cli.options import AsJson, By, Tenant, backends, operator
from control_plane.cli.output import show_json, show_lines
from services.process.terminal import run_async

app = typer.Typer()
Proposals = Annotated[list[UUID], typer.Argument(metavar="PROPOSAL...", help="Ids of proposals, all or none.")]


@app.command("train", epilog="Example: python -m control_plane autopilot train --tenant UUID")
def train(tenant: Tenant, by: By = "operator", as_json: AsJson = False) -> None:
    """Start a training. The first model is active at once; later trainings only propose."""

    async def start() -> Run:
        async with backends() as services:
            return await runs.start_rebuild(functions_of(services), tenant, actor=operator(by))

    run = run_async(start())
    if as_json:
        show_json(run)
    else:
        print(f"started {run.id}")


@app.command("models", epilog="Example: python -m control_plane autopilot models --tenant UUID")
def list_models(tenant: Tenant, as_json: AsJson = False) -> None:
    """List the models, the newest first."""

    async def read() -> list[StoredModel]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await models.list_models(functions_of(services), tenant)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            each.id, "active" if each.active else "–", f"{each.created_at:%Y-%m-%d %H:%M}", f"{each.clusters} clusters",
            f"{each.open_proposals} open proposals", each.model_name,
        )
        for each in found
    ]  # fmt: skip
    show_lines(rows, empty="no models")


@app.command("activate-model", epilog="Example: python -m control_plane autopilot activate-model UUID --tenant UUID")
def activate_model(
    model: Annotated[UUID, typer.Argument(metavar="MODEL", help="Id of the model.")],
    tenant: Tenant,
    by: By = "operator",
) -> None:
    """Make a stored model the active one. What people decided is carried over."""

    async def activate() -> SwitchedModel:
        async with backends() as services:
            return await models.activate_model(functions_of(services), tenant, model, actor=operator(by))

    print(f"active {run_async(activate()).model_id}")


@app.command("roll-back-model", epilog="Example: python -m control_plane autopilot roll-back-model --tenant UUID")
def roll_back_model(tenant: Tenant, by: By = "operator") -> None:
    """Activate the model that was active before the present one."""

    async def roll_back() -> SwitchedModel:
        async with backends() as services:
            return await models.roll_back_model(functions_of(services), tenant, actor=operator(by))

    print(f"active {run_async(roll_back()).model_id}")


@app.command("proposals", epilog="Example: python -m control_plane autopilot proposals --tenant UUID")
def list_proposals(
    tenant: Tenant,
    status: Annotated[ProposalStatus, typer.Option(help="Only proposals in this state.")] = ProposalStatus.OPEN,
    as_json: AsJson = False,
) -> None:
    """List what a training would change, each with typical tickets."""

    async def read() -> list[Proposal]:
        async with backends() as services:
            await services.tenants.get(tenant)
            return await proposals.list_proposals(functions_of(services), tenant, status=status, limit=1000)

    found = run_async(read())
    if as_json:
        show_json(found)
        return
    rows = [
        (
            each.id, each.kind, f"{each.tickets} tickets", _from_and_to(each), _cohesion(each),
            tuple(f"{ticket.external_id} {ticket.subject}" for ticket in each.examples),
        )
        for each in found
    ]  # fmt: skip
    show_lines(rows, empty=f"no {status} proposals")


@app.command("accept", epilog="Example: python -m control_plane autopilot accept UUID --tenant UUID")
def accept(wanted: Proposals, tenant: Tenant, by: By = "operator") -> None:
    """Make the next model of these proposals, and activate it."""
    from control_plane.apps.autopilot.decide_proposals import accept_proposals  # noqa: PLC0415  # loads the embeddings

    async def decide() -> AcceptedProposals:
        async with backends() as services:
            return await accept_proposals(functions_of(services), tenant, wanted, actor=operator(by))

    accepted = run_async(decide())
    print(f"accepted {accepted.accepted}; active {accepted.model_id}")


@app.command("reject", epilog="Example: python -m control_plane autopilot reject UUID --tenant UUID")
def reject(wanted: Proposals, tenant: Tenant, by: By = "operator") -> None:
    """Reject these proposals. Later trainings do not propose them again."""

    async def decide() -> int:
        async with backends() as services:
            return await proposals.reject_proposals(functions_of(services), tenant, wanted, actor=operator(by))

    print(f"rejected {run_async(decide())}")


def _from_and_to(proposal: Proposal) -> str:
    to = _name(proposal.target) if proposal.target else proposal.name
    return f"{', '.join(map(_name, proposal.sources)) or 'no cluster'} → {to}"


def _name(cluster: ConcernedCluster) -> str:
    return cluster.label or cluster.name or "a cluster that is gone"


def _cohesion(proposal: Proposal) -> str:
    before = "–" if proposal.cohesion_before is None else f"{proposal.cohesion_before:.2f}"
    return f"cohesion {before} → {proposal.cohesion_after:.2f}"
