"""Jobs over HTTP."""

from control_plane.jobs.registry import JOBS
from tests.control_plane.api.conftest import Api


async def test_an_operator_runs_a_job_and_lists_its_runs(api: Api) -> None:
    maria = api.as_operator()

    run = await maria.post("/v1/jobs/approval_expiry/runs")

    assert (run.status_code, run.json()["status"], run.json()["due_at"]) == (201, "succeeded", None)
    assert (await maria.get("/v1/jobs/approval_expiry/runs")).json()["items"] == [run.json()]
    listed = (await maria.get("/v1/jobs")).json()["items"]
    assert {job["name"]: (job["last_run"] or {}).get("id") for job in listed} == {
        name: run.json()["id"] if name == "approval_expiry" else None for name in JOBS
    }


async def test_an_unknown_job_is_not_found(api: Api) -> None:
    maria = api.as_operator()
    answers = [await maria.post("/v1/jobs/nothing/runs"), await maria.get("/v1/jobs/nothing/runs")]
    assert [answer.status_code for answer in answers] == [404, 404]


async def test_a_tenants_user_sees_no_job(api: Api) -> None:
    owner = api.as_user()
    answers = [await owner.get("/v1/jobs"), await owner.get("/v1/jobs/retention/runs")]
    assert [answer.status_code for answer in answers] == [403, 403]
