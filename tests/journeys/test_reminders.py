"""An approval waits: the job reminds, then escalates it to the owners, once each; everybody sees it in the list."""

from dataclasses import replace

import psycopg

from control_plane.jobs import approval_reminders
from control_plane.jobs.run import run_job
from tests.control_plane.api.conftest import Api
from tests.control_plane.api.deciding import ask_people, propose_and_ask

STEPS = [{"after_seconds": 1800}, {"after_seconds": 7200, "escalate_to": "owner"}]


async def test_a_waiting_approval_is_reminded_and_escalated_once_each(api: Api, database_url: str) -> None:
    await ask_people(api)
    owner, reviewer = api.as_user("owner"), api.as_user("reviewer")
    etag = (await owner.get("/v1/guardrails")).headers["etag"]
    changed = await owner.patch(
        "/v1/guardrails", json={"approval_reminders": {"default": STEPS}}, headers={"If-Match": etag}
    )
    waiting = await propose_and_ask(api)

    async def run_after(hours: int) -> dict[str, int]:
        with psycopg.connect(database_url) as connection:
            connection.execute(
                "update public.approvals set requested_at = now() - make_interval(hours => %s),"
                " expires_at = now() + interval '1 day'", [hours],
            )  # fmt: skip
        at_once = replace(api.app.state.job_context, is_requested=True)
        run = await run_job(approval_reminders.JOB, at_once, worker_id="one")
        assert run is not None
        return dict(run.counts)

    counts = [await run_after(hours) for hours in (0, 1, 1, 3, 3)]

    assert changed.status_code == 200
    assert [(each["reminded"], each["escalated"]) for each in counts] == [(0, 0), (1, 0), (0, 0), (0, 1), (0, 0)]
    [listed] = (await reviewer.get("/v1/approvals")).json()["items"]
    assert listed["envelope"]["id"] == waiting["envelope"]["id"]
    assert (listed["escalated_to"], listed["escalation_level"]) == ("owner", 1)
    assert listed["reminded_at"] < listed["escalated_at"]
    rows = [row for row in (await reviewer.get("/v1/audit")).json()["items"] if row["category"].startswith("approval.")]
    assert [(row["category"], row["actor"]["id"], row["payload"]["envelope_id"]) for row in reversed(rows)] == [
        (category, "approval_reminders", waiting["envelope"]["id"])
        for category in ("approval.reminded", "approval.escalated")
    ]
