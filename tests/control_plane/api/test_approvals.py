"""Decide over HTTP: who may, what a late or stale decision learns, and what the agent receives."""

import asyncio
from typing import Any

from services.envelope import ActorType
from tests.control_plane.api.conftest import Api
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
    assert late["decided_at"] in late["detail"]


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
