"""Readiness, dry-runs and responses over the API: who may do what, pages, and refusals."""

from uuid import uuid4

import pytest

from control_plane.apps.autopilot.jobs import ticket_dry_runs, ticket_responses
from control_plane.jobs import JobContext, make_context
from control_plane.settings import read_settings
from services.tools.dispatch import Tools
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.apps.autopilot.clustered import Clustered, open_clustered
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk

__all__ = ["api"]


@pytest.fixture
async def clustered(api: Api, database_url: str) -> Clustered:
    """A cluster of the API's first tenant."""
    return await open_clustered(Helpdesk(api.access, database_url, api.tenant))


def context(api: Api) -> JobContext:
    return make_context(read_settings(), api.access.operator, Tools(concurrency=1), tenant=api.tenant)


async def test_a_cluster_is_judged_tried_switched_on_and_answers(api: Api, clustered: Clustered) -> None:
    await clustered.answer_with_a_tool()
    clustered.desk.run("update autopilot.clusters set validation_target = 2 where id = %s", clustered.cluster)
    clustered.add_article()
    clustered.add_resolved(12)
    owner, reviewer, member = (api.as_user(role) for role in ("owner", "reviewer", "member"))
    cluster = f"/v1/autopilot/clusters/{clustered.cluster}"

    samples = (await member.get(f"{cluster}/samples", params={"limit": 2})).json()["items"]
    gone = str(uuid4())
    verdicts = [{"ticket_id": each["id"], "verdict": "trusted"} for each in samples]
    judged = await reviewer.post(
        f"{cluster}/verdicts", json={"verdicts": [*verdicts, {"ticket_id": gone, "verdict": None}]}
    )
    assert judged.json() == {
        "trusted": 2, "judged": [each["id"] for each in samples],
        "skipped": [{"ticket_id": gone, "problem": f"no ticket {gone}"}],
    }  # fmt: skip
    one = await reviewer.post(f"/v1/autopilot/tickets/{samples[0]['id']}/verdict", json={"verdict": "trusted"})
    assert (one.status_code, one.json()["trusted"]) == (200, 2)

    refused = await owner.post(f"{cluster}/auto-respond", json={"is_on": True})
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "cluster: no dry-run has ended with its present articles",
    )  # fmt: skip
    started = await reviewer.post(f"{cluster}/dry-runs", json={"tickets": 10})
    assert (started.status_code, started.json()["status"], started.json()["cases"]) == (201, "pending", 10)
    again = await reviewer.post(f"{cluster}/dry-runs", json={})
    assert (again.status_code, started.json()["id"] in again.json()["detail"]) == (409, True)
    await ticket_dry_runs.JOB.run(context(api))
    dry_run = f"/v1/autopilot/dry-runs/{started.json()['id']}"
    assert (await member.get(dry_run)).json()["status"] == "completed"
    cases = (await member.get(f"{dry_run}/cases", params={"after": 8})).json()["items"]
    assert [case["place"] for case in cases] == [9, 10]
    assert "reinstall the VPN profile" in cases[0]["answer"]
    assert (await reviewer.post(f"{dry_run}/cancel")).status_code == 409

    ready = (await member.get(f"{cluster}/readiness")).json()
    assert (ready["is_ready"], ready["missing"], ready["dry_run"]["is_current"]) == (True, [], True)
    assert (await reviewer.post(f"{cluster}/auto-respond", json={"is_on": True})).status_code == 403
    assert (await owner.post(f"{cluster}/auto-respond", json={"is_on": True})).json()["auto_respond"] is True
    clustered.add("INC1"), clustered.add("INC2")
    await ticket_responses.JOB.run(context(api))
    path, asked = "/v1/autopilot/responses", {"limit": 1, "state": "queued", "cluster_id": str(clustered.cluster)}
    first = (await member.get(path, params=asked)).json()
    second = (await member.get(path, params={**asked, "after": first["next"]})).json()
    assert {each["items"][0]["external_id"] for each in (first, second)} == {"INC1", "INC2"}
    assert second["next"] is None


async def test_dry_runs_come_in_pages(api: Api, clustered: Clustered) -> None:
    clustered.add_article()
    clustered.add_resolved(10)
    path = f"/v1/autopilot/clusters/{clustered.cluster}/dry-runs"
    owner = api.as_user()
    ids = []
    for _ in range(2):
        started = (await owner.post(path, json={})).json()
        assert (await owner.post(f"/v1/autopilot/dry-runs/{started['id']}/cancel")).json()["status"] == "cancelled"
        ids.append(started["id"])
    first = (await owner.get(path, params={"limit": 1})).json()
    second = (await owner.get(path, params={"limit": 1, "after": first["next"]})).json()
    assert ([first["items"][0]["id"], second["items"][0]["id"]], second["next"]) == (ids[::-1], None)


async def test_ids_of_another_tenant_are_not_found(api: Api, clustered: Clustered) -> None:
    clustered.add_article()
    ticket, *_ = clustered.add_resolved(10)
    dry_run = (await clustered.start_dry_run()).id
    stranger = api.as_user(tenant=api.other_tenant)
    cluster = f"/v1/autopilot/clusters/{clustered.cluster}"
    verdict = {"verdicts": [{"ticket_id": str(ticket), "verdict": "wrong"}]}
    answers = [
        await stranger.get(f"{cluster}/samples"), await stranger.get(f"{cluster}/readiness"),
        await stranger.get(f"{cluster}/dry-runs"), await stranger.get(f"/v1/autopilot/dry-runs/{dry_run}"),
        await stranger.get(f"/v1/autopilot/dry-runs/{dry_run}/cases"),
        await stranger.post(f"/v1/autopilot/dry-runs/{dry_run}/cancel"),
        await stranger.post(f"{cluster}/dry-runs", json={}), await stranger.post(f"{cluster}/verdicts", json=verdict),
        await stranger.post(f"{cluster}/auto-respond", json={"is_on": False}),
        await stranger.post(f"/v1/autopilot/tickets/{ticket}/verdict", json={"verdict": "wrong"}),
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [404] * len(answers)
    assert (await stranger.get("/v1/autopilot/responses")).json() == {"items": [], "next": None}
