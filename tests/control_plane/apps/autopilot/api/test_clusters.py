"""The API of clusters, models, proposals and tickets."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from control_plane.apps.autopilot.clusters import Member, NewCluster, NewModel
from control_plane.apps.autopilot.proposals import NewProposal, ProposalKind
from control_plane.apps.autopilot.store import clusters, models, proposals
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.apps.autopilot.clustering.samples import tickets_of
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk
from tests.control_plane.apps.autopilot.trained import write_tickets

__all__ = ["api"]


class Desk:
    """The API, and a tenant with twelve tickets in two clusters."""

    def __init__(self, api: Api, helpdesk: Helpdesk, network: UUID, paper: UUID) -> None:
        self.api, self.helpdesk, self.network, self.paper = api, helpdesk, network, paper

    def ticket(self, number: str) -> UUID:
        [[found]] = self.helpdesk.run(
            "select id from autopilot.tickets where organization_id = %s and external_id = %s",
            self.helpdesk.tenant, number,
        )  # fmt: skip
        return UUID(str(found))

    async def propose_split(self, *numbers: str) -> str:
        found = await clusters.list_clusters(self.helpdesk.functions, self.helpdesk.tenant)
        network = next(each for each in found if each.id == self.network)
        tickets = [self.ticket(each) for each in numbers]
        new = NewProposal(
            kind=ProposalKind.SPLIT, sources=[network.lineage_id], target=None, name="Lines", subcluster_name=None,
            overlap={network.lineage_id: len(tickets)}, examples=tickets[:1], cohesion_before=0.4, cohesion_after=0.6,
            tickets=tickets,
        )  # fmt: skip
        await proposals.save_proposals(
            self.helpdesk.functions, self.helpdesk.tenant, network.model_id, [new], actor=WORKER
        )
        [shown] = (await self.api.as_user("member").get("/v1/autopilot/proposals")).json()["items"]
        assert (shown["kind"], shown["tickets"], shown["examples"][0]["external_id"]) == (
            "split", len(tickets), numbers[0],
        )  # fmt: skip
        return str(shown["id"])


@pytest.fixture
async def desk(api: Api, database_url: str) -> Desk:
    helpdesk = Helpdesk(api.access, database_url, api.tenant)
    write_tickets(helpdesk, [*tickets_of("vpn", 8), *tickets_of("printer", 4)])
    new = [NewCluster(name=name, centroid=b"\0" * 1024, floor=0.5, cohesion=0.8) for name in ("Network", "Paper")]
    model, [network, paper] = await models.store_model(
        helpdesk.functions, api.tenant, NewModel(external_model_id="m1", model_name="One"), new, actor=WORKER
    )
    await models.activate_model(helpdesk.functions, api.tenant, model, actor=OLGA)
    made = Desk(api, helpdesk, network, paper)
    members = [
        Member(ticket_id=made.ticket(f"{kind}-{n:04}"), cluster_id=cluster)
        for kind, count, cluster in (("vpn", 8, network), ("printer", 3, paper))
        for n in range(count)
    ]
    await models.save_members(helpdesk.functions, api.tenant, model, members)
    return made


async def test_people_read_clusters_and_give_them_names(desk: Desk) -> None:
    rita = desk.api.as_user("reviewer", sub="rita")
    listed = (await rita.get("/v1/autopilot/clusters")).json()
    assert [(each["name"], each["tickets"], each["cohesion"]) for each in listed["items"]] == [
        ("Network", 8, 0.8), ("Paper", 3, 0.8),
    ]  # fmt: skip
    assert (listed["tickets"], listed["unclassified"]) == (12, 1)
    path = f"/v1/autopilot/clusters/{desk.network}"
    read = await rita.get(path)
    assert (read.status_code, read.json()["statuses"]) == (200, {"New": 8})
    assert (await rita.patch(path, json={"label": "Wi-Fi"})).status_code == 428
    etag = {"If-Match": read.headers["etag"]}
    named = await rita.patch(path, json={"label": "Wi-Fi"}, headers=etag)
    assert (named.status_code, named.json()["label"]) == (200, "Wi-Fi")
    assert (await rita.patch(path, json={"label": "LAN"}, headers=etag)).status_code == 412
    again = await rita.patch(path, json={"label": None}, headers={"If-Match": named.headers["etag"]})
    assert again.json()["label"] is None


async def test_clusters_that_are_never_merged_and_pins(desk: Desk) -> None:
    rita = desk.api.as_user("reviewer")
    path = f"/v1/autopilot/clusters/{desk.network}/never-merge"
    assert (await rita.post(path, json={"other_cluster_id": str(desk.paper)})).status_code == 204
    read = (await rita.get(f"/v1/autopilot/clusters/{desk.network}")).json()
    assert read["not_merged_with"] == [str(desk.paper)]
    ticket = f"/v1/autopilot/tickets/{desk.ticket('vpn-0000')}"
    assert (await rita.put(f"{ticket}/pin", json={"cluster_id": str(desk.paper)})).status_code == 204
    pinned = (await rita.get(ticket)).json()
    assert (pinned["cluster_name"], pinned["pin"]["cluster_id"]) == ("Paper", str(desk.paper))
    assert (await rita.delete(f"{ticket}/pin")).status_code == 204
    assert (await rita.get(ticket)).json()["pin"] is None
    member = desk.api.as_user("member")
    assert (await member.delete(f"{ticket}/pin")).status_code == 403


async def test_tickets_come_in_pages_and_by_filters(desk: Desk) -> None:
    member = desk.api.as_user("member")
    seen: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = (await member.get("/v1/autopilot/tickets", params={"limit": 5, **after})).json()
        seen += [each["external_id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert (len(seen), len(set(seen))) == (12, 12)

    async def numbers(**wanted: Any) -> list[str]:
        answer = await member.get("/v1/autopilot/tickets", params=wanted)
        assert answer.status_code == 200, answer.text
        return [each["external_id"] for each in answer.json()["items"]]

    assert await numbers(unclassified=True) == ["printer-0003"]
    assert len(await numbers(cluster_id=str(desk.paper))) == 3
    assert await numbers(search="vpn-0002") == ["vpn-0002"]
    assert await numbers(status="Closed") == []
    both = {"unclassified": True, "cluster_id": str(desk.paper)}
    assert (await member.get("/v1/autopilot/tickets", params=both)).status_code == 422
    assert (await member.get("/v1/autopilot/tickets", params={"after": "nonsense"})).status_code == 400


async def test_an_owner_accepts_and_the_next_person_learns_who_did(desk: Desk) -> None:
    proposal = await desk.propose_split("vpn-0000", "vpn-0001")
    owner, reviewer = desk.api.as_user("owner", sub="maria"), desk.api.as_user("reviewer")
    body = {"proposals": [proposal]}
    assert (await reviewer.post("/v1/autopilot/proposals/accept", json=body)).status_code == 403
    accepted = await owner.post("/v1/autopilot/proposals/accept", json=body)
    assert (accepted.status_code, accepted.json()["accepted"]) == (200, 1)
    late = await owner.post("/v1/autopilot/proposals/reject", json=body)
    assert late.status_code == 409
    assert "was accepted by maria at 2" in late.json()["detail"]
    read = (await owner.get(f"/v1/autopilot/proposals/{proposal}")).json()
    assert (read["status"], read["decided_by"]) == ("accepted", "maria")
    listed = (await owner.get("/v1/autopilot/clusters")).json()["items"]
    assert [(each["name"], each["tickets"]) for each in listed] == [("Lines", 2), ("Network", 6), ("Paper", 3)]
    found = (await owner.get("/v1/autopilot/models")).json()["items"]
    assert [each["active"] for each in found] == [True, False]
    back = await owner.post("/v1/autopilot/models/roll-back")
    assert back.json()["model_id"] == found[1]["id"]
    again = await owner.post(f"/v1/autopilot/models/{found[0]['id']}/activate")
    assert (again.status_code, again.json()["previous_model_id"]) == (200, found[1]["id"])
    assert (await owner.post(f"/v1/autopilot/models/{found[0]['id']}/activate")).status_code == 409


async def test_a_rejected_proposal_is_listed_with_who_rejected_it(desk: Desk) -> None:
    proposal = await desk.propose_split("vpn-0003")
    owner = desk.api.as_user("owner", sub="maria")
    assert (await owner.post("/v1/autopilot/proposals/reject", json={"proposals": [proposal]})).json() == {
        "rejected": 1
    }
    [shown] = (await owner.get("/v1/autopilot/proposals", params={"status": "rejected"})).json()["items"]
    assert (shown["id"], shown["decided_by"]) == (proposal, "maria")


async def test_a_training_is_started_once(desk: Desk) -> None:
    owner = desk.api.as_user("owner")
    started = await owner.post("/v1/autopilot/models/train")
    assert (started.status_code, started.json()["kind"]) == (201, "rebuild_model")
    again = await owner.post("/v1/autopilot/models/train")
    assert (again.status_code, started.json()["id"] in again.json()["detail"]) == (409, True)


async def test_another_tenants_ids_are_not_found(desk: Desk) -> None:
    proposal = await desk.propose_split("vpn-0004")
    stranger = desk.api.as_user("owner", tenant=desk.api.other_tenant)
    ticket = desk.ticket("vpn-0000")
    for path in (f"clusters/{desk.network}", f"tickets/{ticket}", f"proposals/{proposal}"):
        assert (await stranger.get(f"/v1/autopilot/{path}")).status_code == 404, path
    pin = await stranger.put(f"/v1/autopilot/tickets/{ticket}/pin", json={"cluster_id": str(desk.paper)})
    assert pin.status_code == 404
    for body in ({"proposals": [proposal]}, {"proposals": [str(uuid4())]}):
        assert (await stranger.post("/v1/autopilot/proposals/accept", json=body)).status_code == 404
        assert (await stranger.post("/v1/autopilot/proposals/reject", json=body)).status_code == 404
    assert (await stranger.get("/v1/autopilot/clusters")).json()["items"] == []
