"""People accept or reject what a training proposed; what they accept is the next model."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from control_plane.apps.autopilot.classify_tickets import classify_tickets
from control_plane.apps.autopilot.clusters import StoredCluster
from control_plane.apps.autopilot.decide_proposals import accept_proposals
from control_plane.apps.autopilot.proposals import NewProposal, Proposal, ProposalKind, ProposalStatus
from control_plane.apps.autopilot.store import clusters, models, proposals
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from tests.builders import operator
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk, kind_of, tickets_of
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk
from tests.control_plane.apps.autopilot.trained import activate_trained, placed, rebuild, write_tickets

PETER = operator("peter")


class Sorted:
    """A helpdesk with tickets in two clusters, named by what is in them."""

    def __init__(self, desk: Helpdesk, vpn: StoredCluster, printer: StoredCluster) -> None:
        self.desk, self.vpn, self.printer = desk, vpn, printer

    async def propose(self, kind: ProposalKind, tickets: list[str], **fields: Any) -> UUID:
        """Store one open proposal about these tickets."""
        whole: dict[str, Any] = {
            "sources": [self.vpn.lineage_id], "target": None, "name": "Dropped lines", "subcluster_name": None,
            "overlap": {self.vpn.lineage_id: 5}, "examples": self.ids(tickets[:1]), "cohesion_before": 0.5,
            "cohesion_after": 0.6, **fields,
        }  # fmt: skip
        await proposals.save_proposals(
            self.desk.functions, self.desk.tenant, self.vpn.model_id,
            [NewProposal(kind=kind, tickets=self.ids(tickets), **whole)], actor=WORKER,
        )  # fmt: skip
        [found] = await proposals.list_proposals(self.desk.functions, self.desk.tenant)
        return found.id

    async def accept(self, *wanted: UUID) -> None:
        await accept_proposals(self.desk.functions, self.desk.tenant, wanted, actor=OLGA)

    async def read(self, proposal: UUID) -> Proposal:
        return await proposals.read_proposal(self.desk.functions, self.desk.tenant, proposal)

    def ids(self, keys: list[str]) -> list[UUID]:
        rows = self.desk.run(
            "select id from autopilot.tickets where organization_id = %s and external_id = any(%s)",
            self.desk.tenant, keys,
        )  # fmt: skip
        return [id_ for (id_,) in rows]

    async def names(self) -> dict[str, int | None]:
        found = await clusters.list_clusters(self.desk.functions, self.desk.tenant)
        return {each.name: each.tickets for each in found}


@pytest.fixture
async def desk(helpdesk: Helpdesk) -> Sorted:
    tickets = a_help_desk(20, ["vpn", "printer"])
    write_tickets(helpdesk, tickets)
    await activate_trained(helpdesk, tickets)
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    # All tickets of a kind are in one cluster: those that the training found are emptied into it.
    helpdesk.run(
        "with first as (select split_part(external_id, '-', 1) as kind, min(cluster_id::text)::uuid as cluster_id"
        " from autopilot.tickets where organization_id = %s group by 1)"
        " update autopilot.tickets as t set cluster_id = f.cluster_id, classified_hash = content_hash, score = 0.5"
        " from first as f where organization_id = %s and split_part(external_id, '-', 1) = f.kind",
        helpdesk.tenant, helpdesk.tenant,
    )  # fmt: skip
    helpdesk.run(
        "delete from autopilot.clusters as c where c.organization_id = %s and not exists"
        " (select from autopilot.tickets as t where t.cluster_id = c.id)",
        helpdesk.tenant,
    )
    helpdesk.run("delete from autopilot.cluster_members where organization_id = %s", helpdesk.tenant)
    helpdesk.run(
        "insert into autopilot.cluster_members (organization_id, model_id, ticket_id, cluster_id, score)"
        " select t.organization_id, c.model_id, t.id, c.id, 0.5 from autopilot.tickets as t"
        " join autopilot.clusters as c on c.id = t.cluster_id where t.organization_id = %s",
        helpdesk.tenant,
    )
    helpdesk.run(
        "update autopilot.clusters as c set subcluster_name = null, name = (select split_part(t.external_id, '-', 1)"
        " from autopilot.tickets as t where t.cluster_id = c.id limit 1) where c.organization_id = %s",
        helpdesk.tenant,
    )
    printer, vpn = await clusters.list_clusters(helpdesk.functions, helpdesk.tenant)
    assert (printer.name, vpn.name) == ("printer", "vpn")
    return Sorted(helpdesk, vpn, printer)


FIVE = [f"vpn-{number:04}" for number in range(5)]


async def test_a_proposal_shows_its_clusters_examples_and_cohesion(desk: Sorted) -> None:
    found = await desk.read(await desk.propose(ProposalKind.SPLIT, FIVE))
    assert (found.kind, found.tickets, found.cohesion_before, found.cohesion_after) == ("split", 5, 0.5, 0.6)
    assert [(each.cluster_id, each.name, each.tickets) for each in found.sources] == [(desk.vpn.id, "vpn", 20)]
    assert [(each.cluster_id, each.tickets) for each in found.overlap] == [(desk.vpn.id, 5)]
    assert [kind_of(each.external_id) for each in found.examples] == ["vpn"]
    assert (found.target, found.status, found.decided_by) == (None, ProposalStatus.OPEN, None)


async def test_an_accepted_split_is_the_next_model_and_nothing_else_changes(desk: Sorted) -> None:
    before = placed(desk.desk)
    await desk.accept(await desk.propose(ProposalKind.SPLIT, FIVE))
    assert placed(desk.desk) == before | dict.fromkeys(FIVE, "Dropped lines")
    assert await desk.names() == {"printer": 20, "vpn": 15, "Dropped lines": 5}
    split, printer, vpn = await clusters.list_clusters(desk.desk.functions, desk.desk.tenant)
    assert (printer.lineage_id, vpn.lineage_id) == (desk.printer.lineage_id, desk.vpn.lineage_id)
    assert len(split.examples) == 5
    assert split.cohesion is not None
    [[score]] = desk.desk.run(
        "select max(score) from autopilot.tickets where organization_id = %s and cluster_id = %s",
        desk.desk.tenant, split.id,
    )  # fmt: skip
    assert 0 < score < 0.5
    kin = desk.desk.run(
        "select predecessor_lineage_id, kind, shared_tickets from autopilot.cluster_predecessors where cluster_id = %s",
        split.id,
    )
    assert kin == [(desk.vpn.lineage_id, "split", 5)]


async def test_a_merge_takes_the_whole_cluster_and_stops_automatic_answers(desk: Sorted) -> None:
    proposal = await desk.propose(
        ProposalKind.MERGE, [f"vpn-{number:04}" for number in range(20)], target=desk.printer.lineage_id
    )
    write_tickets(desk.desk, tickets_of("vpn", 1, start=300))
    desk.desk.run(
        "update autopilot.tickets set cluster_id = %s where organization_id = %s and external_id = 'vpn-0300'",
        desk.vpn.id, desk.desk.tenant,
    )  # fmt: skip
    desk.desk.run(
        "insert into autopilot.cluster_members (organization_id, model_id, ticket_id, cluster_id)"
        " select organization_id, %s, id, cluster_id from autopilot.tickets where organization_id = %s"
        " and external_id = 'vpn-0300'",
        desk.vpn.model_id, desk.desk.tenant,
    )  # fmt: skip
    desk.desk.run("""update autopilot.clusters set config = '{"auto_respond": true}', label = 'Paper' where id = %s""",
        desk.printer.id)  # fmt: skip
    await desk.accept(proposal)
    [found] = await clusters.list_clusters(desk.desk.functions, desk.desk.tenant)
    assert (found.lineage_id, found.tickets, found.label) == (desk.printer.lineage_id, 41, "Paper")
    assert found.config == {"auto_respond": False}


async def test_moved_tickets_and_a_new_name(desk: Sorted) -> None:
    await desk.accept(await desk.propose(ProposalKind.MOVE, FIVE, target=desk.printer.lineage_id))
    assert await desk.names() == {"printer": 25, "vpn": 15}
    _, desk.vpn = await clusters.list_clusters(desk.desk.functions, desk.desk.tenant)
    await desk.accept(await desk.propose(ProposalKind.REGROUP, [], name="printer", subcluster_name="VPN"))
    found = await clusters.list_clusters(desk.desk.functions, desk.desk.tenant)
    assert [(each.name, each.subcluster_name, each.tickets) for each in found] == [
        ("printer", None, 25), ("printer", "VPN", 15),
    ]  # fmt: skip


async def test_a_new_cluster_of_tickets_without_one(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, a_help_desk(40, ["vpn", "printer", "invoice"]))
    await rebuild(helpdesk)
    write_tickets(helpdesk, tickets_of("leave", 40))
    await rebuild(helpdesk)
    open_ones = await proposals.list_proposals(helpdesk.functions, helpdesk.tenant)
    new = [each for each in open_ones if each.kind is ProposalKind.NEW]
    accepted = await accept_proposals(helpdesk.functions, helpdesk.tenant, [each.id for each in new], actor=OLGA)
    assert accepted.accepted == len(new)
    names = {name for key, name in placed(helpdesk).items() if kind_of(key) == "leave" and name is not None}
    assert {each.name for each in new} <= {name.split(" / ")[0] for name in names}
    still_open = await proposals.list_proposals(helpdesk.functions, helpdesk.tenant)
    assert [each.id for each in still_open] == [each.id for each in open_ones if each.kind is not ProposalKind.NEW]
    later = tickets_of("leave", 3, start=500)
    write_tickets(helpdesk, later)
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert any(placed(helpdesk)[ticket.key] in names for ticket in later)


async def test_a_rollback_restores_and_keeps_what_people_decided(desk: Sorted) -> None:
    before = placed(desk.desk)
    await desk.accept(await desk.propose(ProposalKind.SPLIT, FIVE))
    _, _, vpn = await clusters.list_clusters(desk.desk.functions, desk.desk.tenant)
    await clusters.set_label(desk.desk.functions, desk.desk.tenant, vpn.id, "Remote access", actor=OLGA)
    back = await models.roll_back_model(desk.desk.functions, desk.desk.tenant, actor=OLGA)
    assert (back.model_id, placed(desk.desk)) == (desk.vpn.model_id, before)
    assert {each.label for each in await clusters.list_clusters(desk.desk.functions, desk.desk.tenant)} == {
        None, "Remote access",
    }  # fmt: skip


async def test_of_two_people_who_decide_at_once_one_wins_and_the_other_learns_who_and_when(desk: Sorted) -> None:
    proposal = await desk.propose(ProposalKind.SPLIT, FIVE)
    results = await asyncio.gather(
        accept_proposals(desk.desk.functions, desk.desk.tenant, [proposal], actor=OLGA),
        proposals.reject_proposals(desk.desk.functions, desk.desk.tenant, [proposal], actor=PETER),
        return_exceptions=True,
    )
    [refusal] = [each for each in results if isinstance(each, StateConflict)]
    found = await desk.read(proposal)
    assert found.decided_at is not None
    at = found.decided_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"was {found.status} by {found.decided_by} at {at}" in str(refusal)
    assert found.decided_by == ("peter" if found.status is ProposalStatus.REJECTED else "olga")


async def test_a_proposal_whose_tickets_or_clusters_changed_is_refused_with_what_changed(desk: Sorted) -> None:
    proposal = await desk.propose(ProposalKind.MOVE, FIVE, target=desk.printer.lineage_id)
    [first, second, third, *_] = desk.ids(FIVE)
    functions, tenant = desk.desk.functions, desk.desk.tenant
    await clusters.pin_ticket(functions, tenant, first, desk.vpn.id, actor=OLGA)
    with pytest.raises(StateConflict, match="tickets that people pinned: 1"):
        await desk.accept(proposal)
    await clusters.pin_ticket(functions, tenant, first, None, actor=OLGA)
    await clusters.pin_ticket(functions, tenant, second, desk.printer.id, actor=OLGA)
    with pytest.raises(StateConflict, match=r"tickets that are in another cluster by now: 1$"):
        await desk.accept(proposal)
    desk.desk.run("delete from autopilot.tickets where id = any(%s)", [second, third])
    with pytest.raises(StateConflict, match="tickets that were deleted: 2"):
        await desk.accept(proposal)
    assert (await desk.read(proposal)).status is ProposalStatus.OPEN
    assert len(await models.list_models(functions, tenant)) == 1


async def test_a_merge_that_people_forbade_or_of_a_cluster_that_is_gone_is_refused(desk: Sorted) -> None:
    everything = [f"vpn-{number:04}" for number in range(20)]
    proposal = await desk.propose(ProposalKind.MERGE, everything, target=desk.printer.lineage_id)
    functions, tenant = desk.desk.functions, desk.desk.tenant
    await clusters.forbid_merge(functions, tenant, desk.vpn.id, desk.printer.id, actor=OLGA)
    with pytest.raises(StateConflict, match="not to be merged"):
        await desk.accept(proposal)
    desk.desk.run("delete from autopilot.clusters where id = %s", desk.printer.id)
    with pytest.raises(StateConflict, match="clusters that are gone: 1"):
        await desk.accept(proposal)


async def test_only_owners_decide_and_what_is_not_there_is_told(desk: Sorted) -> None:
    proposal = await desk.propose(ProposalKind.SPLIT, FIVE)
    reviewer = desk.desk.as_user(tenant_role="reviewer")
    with pytest.raises(NotAllowed):
        await accept_proposals(reviewer, desk.desk.tenant, [proposal], actor=OLGA)
    with pytest.raises(NotAllowed):
        await proposals.reject_proposals(reviewer, desk.desk.tenant, [proposal], actor=OLGA)
    for missing in (accept_proposals, proposals.reject_proposals):
        with pytest.raises(NotFound):
            await missing(desk.desk.functions, desk.desk.tenant, [proposal, uuid4()], actor=OLGA)
    with pytest.raises(InvalidInput):
        await proposals.reject_proposals(desk.desk.functions, desk.desk.tenant, [], actor=OLGA)
    owner = desk.desk.as_user()
    await accept_proposals(owner, desk.desk.tenant, [proposal], actor=OLGA)
    assert (await desk.read(proposal)).decided_by == "rita"
