"""Decisions over HTTP: who may decide, the answer to a late or outdated decision, and what the agent receives."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from control_plane.api.problems import FAILED
from services.decide_approval import decide_approval
from services.envelope import ActorType
from services.errors import ControlPlaneError, Locked, NotReady, RefusedByDatabase
from tests.control_plane.api.conftest import Api, a_proposal
from tests.control_plane.api.deciding import ask_people, propose_and_ask, work

CONFLICT = {"current_digest", "decided_by", "decided_at"}


def path(approval: dict[str, Any], verb: str) -> str:
    return f"/v1/approvals/{approval['envelope']['id']}/{verb}"


async def test_of_two_reviewers_at_once_one_wins_and_the_other_learns_who_and_when(api: Api) -> None:
    await ask_people(api)
    waiting = await propose_and_ask(api)
    body = {"digest": waiting["digest"], "reason": "as agreed"}
    reviewers = {name: api.as_user("reviewer", sub=name) for name in ("ann", "ben")}

    answers = await asyncio.gather(
        reviewers["ann"].post(path(waiting, "approve"), json=body),
        reviewers["ben"].post(path(waiting, "reject"), json={**body, "code": "too_risky"}),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    late = next(answer.json() for answer in answers if answer.status_code == 409)
    winner = "ann" if answers[0].status_code == 200 else "ben"
    assert (late["current_digest"], late["decided_by"]) == (waiting["digest"], winner)
    assert winner in late["detail"]
    decided_at = datetime.fromisoformat(late["detail"].rpartition(" at ")[2])
    assert decided_at == datetime.fromisoformat(late["decided_at"])


async def test_a_stale_decision_learns_the_current_digest(api: Api) -> None:
    await ask_people(api)
    waiting = await propose_and_ask(api)

    stale = await api.as_user("reviewer").post(path(waiting, "approve"), json={"digest": "0" * 64})

    assert stale.status_code == 409
    assert {key: stale.json()[key] for key in CONFLICT} == {
        "current_digest": waiting["digest"], "decided_by": None, "decided_at": None,
    }  # fmt: skip


async def test_the_agent_receives_code_and_reason_of_a_rejection(api: Api) -> None:
    await ask_people(api)
    agent = await api.as_agent()
    waiting = await propose_and_ask(api, agent)
    reviewer = api.as_user("reviewer")
    body = {"digest": waiting["digest"], "reason": "not our customer"}

    for code in ({}, {"code": "because"}, {"code": "cancelled"}):
        assert (await reviewer.post(path(waiting, "reject"), json={**body, **code})).status_code == 422
    rejected = await reviewer.post(path(waiting, "reject"), json={**body, "code": "wrong_target"})

    assert rejected.json()["status"] == "rejected"
    explained = (await agent.get(f"/v1/envelopes/{waiting['envelope']['id']}/explanation")).json()
    assert explained["envelope"]["last_error"] == "wrong_target: not our customer"
    assert explained["why"].startswith("wrong_target: not our customer")


async def test_an_answer_goes_to_the_agent_instead_of_the_call(api: Api) -> None:
    await ask_people(api)
    waiting = await propose_and_ask(api)

    answered = await api.as_user("reviewer").post(
        path(waiting, "respond"), json={"digest": waiting["digest"], "message": "the order has shipped"}
    )

    assert (answered.status_code, answered.json()["status"]) == (200, "rejected")
    assert answered.json()["last_error"] == "answered: the order has shipped"
    assert await work(api) == []


async def test_the_proposer_cannot_approve_as_a_user_as_an_operator_or_as_an_agent(api: Api) -> None:
    await ask_people(api)
    owner = api.as_user("owner", sub="olga")
    waiting = await propose_and_ask(api, owner)
    body = {"digest": waiting["digest"]}
    tenant = {"tenant_id": str(api.tenant)}

    assert waiting["envelope"]["proposed_by"] == f"{ActorType.USER}:olga"
    as_user = await owner.post(path(waiting, "approve"), json=body)
    as_reviewer = await api.as_user("reviewer", sub="olga").post(path(waiting, "approve"), json=body)
    as_operator = await api.as_operator(sub="olga").post(path(waiting, "approve"), json=body, params=tenant)
    as_agent = await (await api.as_agent()).post(path(waiting, "approve"), json=body)

    assert [a.status_code for a in (as_user, as_reviewer, as_operator, as_agent)] == [403] * 4
    assert "olga proposed" in as_operator.json()["detail"]
    assert (await api.as_user("reviewer").post(path(waiting, "approve"), json=body)).status_code == 200
    assert await work(api) != []


async def test_a_reviewer_edits_and_three_records_are_kept(api: Api) -> None:
    await ask_people(api)
    agent, reviewer = await api.as_agent(), api.as_user("reviewer", sub="ann")
    waiting = await propose_and_ask(api, agent, arguments={"text": "hello", "amount": 5}, external_id="once")
    digest = waiting["digest"]

    wrong = await reviewer.post(path(waiting, "approve"), json={"digest": digest, "arguments": {"text": 5}})
    inexact = await reviewer.post(
        path(waiting, "approve"), headers={"Content-Type": "application/json"},
        content=f'{{"digest": "{digest}", "arguments": {{"amount": 0.1234567890123456789}}}}',
    )  # fmt: skip
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "arguments.text")
    assert (inexact.status_code, inexact.json()["errors"][0]["field"]) == (422, "arguments.amount")
    edited = {"text": "goodbye", "amount": 5.5}
    approved = await reviewer.post(path(waiting, "approve"), json={"digest": digest, "arguments": edited})

    assert (approved.status_code, approved.json()["arguments"]) == (200, edited)
    again = await agent.post(
        "/v1/envelopes", json=a_proposal(arguments={"text": "hello", "amount": 5}, external_id="once")
    )
    assert (again.status_code, again.json()["envelope"]["id"]) == (200, waiting["envelope"]["id"])
    assert len(await work(api)) == 1
    history = (await reviewer.get(path(waiting, "").rstrip("/"))).json()
    assert history["proposed_arguments"] == {"text": "hello", "amount": 5}
    assert history["items"][0]["decided_arguments"] == history["effective_arguments"] == edited
    assert (history["items"][0]["digest"], history["items"][0]["decided_digest"]) == (
        digest,
        history["effective_digest"],
    )
    audit = await api.access.operator.audit_log.tail(api.tenant, limit=3)
    assert [row.entry.payload.get("digest") for row in reversed(audit)] == [digest, *[history["effective_digest"]] * 2]
    assert audit[1].entry.payload["proposed_digest"] == digest


async def test_two_people_approve_a_call_of_a_risk_that_the_rules_name(api: Api) -> None:
    await ask_people(api, approval_rules={"two_people": ["high"]})
    waiting = await propose_and_ask(api, risk="high")
    body = {"digest": waiting["digest"]}
    ann, ben = api.as_user("reviewer", sub="ann"), api.as_user("owner", sub="ben")

    first = await ann.post(path(waiting, "approve"), json=body)
    same = await ann.post(path(waiting, "approve"), json=body)
    second = await ben.post(path(waiting, "approve"), json=body)

    assert [answer.status_code for answer in (first, same, second)] == [200, 403, 200]
    assert (first.json()["status"], second.json()["status"]) == ("awaiting_approval", "pending")
    assert len(await work(api)) == 1


async def test_hidden_characters_are_escaped_for_the_approver_and_kept_for_the_tool(api: Api) -> None:
    await ask_people(api)
    text = "pay \u202e001\u2028 now"
    waiting = await propose_and_ask(api, arguments={"text": text, "amount": 1, "\u2060n": 1}, external_id="k\u200bey")

    shown = waiting["envelope"]
    assert shown["arguments"]["text"] == "pay \\u{202e}001\\u{2028} now"
    assert shown["external_id"] == "k\\u{200b}ey"
    assert waiting["hidden_characters"] == ["arguments", "arguments.text", "external_id"]
    edited = {"digest": waiting["digest"], "arguments": {**shown["arguments"], "amount": 2}}
    approved = await api.as_user("reviewer").post(path(waiting, "approve"), json=edited)
    assert approved.json()["arguments"] == {"text": text, "amount": 2, "\u2060n": 1}


async def test_a_bulk_decision_skips_and_names_what_changed_since(api: Api) -> None:
    await ask_people(api)
    first, second, third = [await propose_and_ask(api) for _ in range(3)]
    ann, ben = api.as_user("reviewer", sub="ann"), api.as_user("reviewer", sub="ben")
    await ben.post(path(second, "approve"), json={"digest": second["digest"]})
    calls = [{"envelope_id": each["envelope"]["id"], "digest": each["digest"]} for each in (first, second, third)]
    calls[2]["digest"] = "0" * 64

    answer = await ann.post("/v1/approvals/bulk", json={"decision": "approved", "calls": calls})

    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["decided"]] == [first["envelope"]["id"]]
    assert [(s["envelope_id"], s["current_digest"], s["decided_by"]) for s in answer.json()["skipped"]] == [
        (second["envelope"]["id"], second["digest"], "ben"), (third["envelope"]["id"], third["digest"], None),
    ]  # fmt: skip
    uncoded = await ann.post("/v1/approvals/bulk", json={"decision": "rejected", "calls": calls})
    assert uncoded.status_code == 422


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (Locked("database: an open transaction holds a lock"), "database: an open transaction holds a lock"),
        (NotReady("database: s3cret"), "the database is not available; try again"),
        (RefusedByDatabase("database: s3cret"), "the database is not available; try again"),
        (ControlPlaneError("s3cret"), FAILED),
    ],
)
async def test_a_bulk_decision_names_what_was_decided_before_the_database_failed(
    api: Api, error: Exception, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_people(api)
    waiting = [await propose_and_ask(api) for _ in range(3)]
    calls = [{"envelope_id": envelope["envelope"]["id"], "digest": envelope["digest"]} for envelope in waiting]
    decided = 0

    async def decide_one(*arguments: Any, **options: Any) -> Any:
        nonlocal decided
        decided += 1
        if decided == 2:
            raise error
        return await decide_approval(*arguments, **options)

    monkeypatch.setattr("services.decide_approval.decide_approval", decide_one)
    reviewer = api.as_user("reviewer")
    answer = await reviewer.post("/v1/approvals/bulk", json={"decision": "approved", "calls": calls})

    assert answer.status_code == 200, answer.text
    assert [each["id"] for each in answer.json()["decided"]] == [calls[0]["envelope_id"]]
    assert [(each["envelope_id"], each["problem"]) for each in answer.json()["skipped"]] == [
        (calls[1]["envelope_id"], problem), (calls[2]["envelope_id"], problem),
    ]  # fmt: skip
    decided = 1
    nothing = await reviewer.post("/v1/approvals/bulk", json={"decision": "approved", "calls": calls[1:]})
    assert (nothing.status_code, nothing.json()["detail"]) == (503 if isinstance(error, NotReady) else 500, problem)


async def test_a_bulk_decision_of_somebody_who_may_decide_nothing_is_refused(api: Api) -> None:
    await ask_people(api)
    waiting = await propose_and_ask(api)
    calls = [{"envelope_id": waiting["envelope"]["id"], "digest": waiting["digest"]}]

    refused = await api.as_user("member").post("/v1/approvals/bulk", json={"decision": "approved", "calls": calls})

    assert refused.status_code == 403
    assert "tenant_role" in refused.json()["detail"]
