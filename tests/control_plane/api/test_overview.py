"""The overview over HTTP."""

from uuid import uuid4

from tests.control_plane.api.conftest import Api, a_proposal


async def test_a_user_reads_the_numbers_of_their_tenant_and_an_operator_those_of_all(api: Api) -> None:
    owner, maria = api.as_user(), api.as_operator()
    for user in (owner, api.as_user(tenant=api.other_tenant)):
        assert (await user.post("/v1/envelopes", json=a_proposal())).status_code == 201

    own = (await owner.get("/v1/overview")).json()
    every = (await maria.get("/v1/overview")).json()
    named = (await maria.get("/v1/overview", params={"tenant_id": str(api.tenant)})).json()

    assert (own["tenants"], own["pending"], own["failing_jobs"]) == (1, 1, None)
    assert (await (await api.as_agent("read")).get("/v1/overview")).json() == own
    assert named == own
    assert (every["tenants"], every["pending"], every["failing_jobs"]) == (2, 2, [])


async def test_the_history_counts_what_ended_after_the_job_has_run(api: Api) -> None:
    owner = api.as_user()
    proposed = (await owner.post("/v1/envelopes", json=a_proposal())).json()["envelope"]
    await owner.post(f"/v1/envelopes/{proposed['id']}/cancel")
    before = (await owner.get("/v1/overview/history")).json()
    run = await api.as_operator().post("/v1/jobs/end_counts/runs")

    after = (await owner.get("/v1/overview/history", params={"period": "1h"})).json()

    assert before["uncounted"] > after["uncounted"] == 0
    assert (run.json()["status"], run.json()["counts"]) == ("succeeded", {"ends": 1})
    assert (after["every"], len(after["items"])) == (60, 61)
    assert [span["ended"] for span in after["items"] if span["ended"]] == [{"cancelled": 1}]
    neighbour = api.as_user(tenant=api.other_tenant)
    theirs = (await neighbour.get("/v1/overview/history", params={"period": "1h"})).json()
    assert [span for span in theirs["items"] if span["ended"]] == []


async def test_another_tenant_and_an_unknown_one_are_not_found(api: Api) -> None:
    answers = [
        await caller.get(path, params={"tenant_id": str(tenant)})
        for path in ("/v1/overview", "/v1/overview/history")
        for caller, tenant in ((api.as_user(), api.other_tenant), (api.as_operator(), uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


async def test_an_unknown_period_is_refused(api: Api) -> None:
    refused = await api.as_user().get("/v1/overview/history", params={"period": "1y"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "period")
