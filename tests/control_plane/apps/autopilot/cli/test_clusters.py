"""Clusters from the command line: trained, looked at, named, pinned, decided and rolled back."""

import asyncio
import json
from uuid import UUID

import pytest
from typer.testing import CliRunner

from control_plane.__main__ import app
from control_plane.apps.autopilot.proposals import NewProposal, ProposalKind
from control_plane.apps.autopilot.store import clusters, proposals
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, NotFound, StateConflict
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk
from tests.control_plane.apps.autopilot.helpdesk import WORKER, Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.trained import rebuild, write_tickets


class Run:
    """Runs commands for a tenant with a trained model and one open proposal. Raises the error that they end with."""

    def __init__(self, tenant: UUID) -> None:
        self.tenant = str(tenant)

    def __call__(self, *words: object) -> str:
        ran = CliRunner().invoke(app, ["autopilot", *map(str, words), "--tenant", self.tenant])
        if isinstance(ran.exception, ControlPlaneError):
            raise ran.exception
        assert ran.exit_code == 0, ran.output
        return ran.stdout


@pytest.fixture
def run(database_url: str, bare: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    del bare

    async def make() -> UUID:
        async with postgres_access(database_url, pool_size=2) as access:
            desk: Helpdesk = await open_helpdesk(access, database_url)
            write_tickets(desk, a_help_desk(20))
            await rebuild(desk)
            [first, second, *_] = await clusters.list_clusters(desk.functions, desk.tenant)
            rows = desk.run("select id from autopilot.tickets where cluster_id = %s order by id limit 3", first.id)
            tickets = [id_ for (id_,) in rows]
            move = NewProposal(
                kind=ProposalKind.MOVE, sources=[first.lineage_id], target=second.lineage_id, name=second.name,
                subcluster_name=None, overlap={}, examples=tickets, cohesion_before=0.4, cohesion_after=0.5,
                tickets=tickets,
            )  # fmt: skip
            await proposals.save_proposals(desk.functions, desk.tenant, first.model_id, [move], actor=WORKER)
            return desk.tenant

    monkeypatch.setenv("DATABASE_URL", database_url)
    return Run(asyncio.run(make()))


def test_clusters_and_tickets_are_shown_named_and_pinned(run: Run) -> None:
    assert "0 of 120 tickets are in no cluster" in run("clusters")
    listed = json.loads(run("clusters", "--json"))
    first, second = (each["id"] for each in listed["clusters"][:2])
    assert run("label", first, "Remote access") == f"labelled {first}\n"
    assert "Remote access" in run("cluster", first)
    assert run("never-merge", first, second) == "never merged\n"
    assert json.loads(run("cluster", first, "--json"))["not_merged_with"] == [second]
    assert run("never-merge", first, second, "--allow") == "may be merged again\n"
    [ticket, *_] = json.loads(run("tickets", "--cluster", first, "--json"))
    assert ticket["external_id"] in run("tickets", "--search", ticket["external_id"])
    assert run("tickets", "--unclassified") == "no tickets\n"
    assert run("pin", ticket["id"], second) == f"pinned {ticket['id']}\n"
    assert "operator" in run("ticket", ticket["id"])
    assert json.loads(run("ticket", ticket["id"], "--json"))["cluster_id"] == second
    assert run("unpin", ticket["id"]) == f"unpinned {ticket['id']}\n"
    with pytest.raises(NotFound):
        run("cluster", ticket["id"])


def test_a_proposal_is_listed_accepted_and_rolled_back(run: Run) -> None:
    [proposal] = json.loads(run("proposals", "--json"))
    shown = run("proposals")
    assert all(text in shown for text in (proposal["id"], "move", "3 tickets", "cohesion 0.40 → 0.50"))
    assert run("accept", proposal["id"], "--by", "maria").startswith("accepted 1; active ")
    assert run("proposals") == "no open proposals\n"
    with pytest.raises(StateConflict, match="accepted by maria"):
        run("reject", proposal["id"])
    assert len(json.loads(run("models", "--json"))) == 2
    before = json.loads(run("models", "--json"))[1]["id"]
    assert run("roll-back-model") == f"active {before}\n"
    assert f"{before}  active" in run("models")
    after = json.loads(run("models", "--json"))[0]["id"]
    assert run("activate-model", after) == f"active {after}\n"
    assert run("train").startswith("started ")
    with pytest.raises(StateConflict, match="has not ended yet"):
        run("train")
