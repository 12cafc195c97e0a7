"""Approvals over HTTP: pages, what was decided, who decides how, who looks, and the last calls of a tool."""

from typing import Any

from tests.control_plane.api.conftest import Api, Client
from tests.control_plane.api.deciding import ask_people, propose_and_ask


async def test_pages_follow_each_other_and_a_cursor_of_another_order_is_refused(api: Api) -> None:
    await ask_people(api)
    waiting = [(await propose_and_ask(api))["id"] for _ in range(3)]
    reviewer = api.as_user("reviewer")

    page_1 = (await reviewer.get("/v1/approvals", params={"limit": 2})).json()
    page_2 = (await reviewer.get("/v1/approvals", params={"limit": 2, "after": page_1["next"]})).json()
    assert [each["id"] for each in page_1["items"] + page_2["items"]] == waiting
    assert page_2["next"] is None

    other = await reviewer.get("/v1/approvals", params={"after": page_1["next"], "order": "expiring"})
    assert other.status_code == 400
    by_expiry = (await reviewer.get("/v1/approvals", params={"order": "expiring", "risk": "high"})).json()
    assert by_expiry == {"items": [], "next": None}


async def test_what_was_decided_is_listed_and_reviewers_are_rated(api: Api) -> None:
    await ask_people(api)
    first, second = [await propose_and_ask(api) for _ in range(2)]
    ann = api.as_user("reviewer", sub="ann")
    await decide(ann, first, "approve")
    await decide(ann, second, "reject", code="not_needed", reason="done\u202e already")

    decided = (await ann.get("/v1/approvals/decided", params={"limit": 1})).json()
    older = (await ann.get("/v1/approvals/decided", params={"limit": 1, "after": decided["next"]})).json()
    [newest], [oldest] = decided["items"], older["items"]
    assert (newest["envelope_id"], newest["decision_reason"]) == (second["envelope"]["id"], "done\\u{202e} already")
    assert (oldest["envelope_id"], oldest["decided_by"], oldest["shown_whole"]) == (
        first["envelope"]["id"],
        "ann",
        None,
    )
    only = (await ann.get("/v1/approvals/decided", params={"decision": "approved"})).json()
    assert [each["id"] for each in only["items"]] == [oldest["id"]]

    [rated] = (await ann.get("/v1/approvals/reviewers")).json()["items"]
    assert (rated["reviewer"], rated["approved"], rated["rejected"], rated["unread_share"]) == ("ann", 1, 1, None)
    assert (await (await api.as_agent()).get("/v1/approvals/reviewers")).status_code == 403


async def test_two_reviewers_see_each_other_and_an_agent_and_another_tenant_see_nobody(api: Api) -> None:
    await ask_people(api)
    waiting = await propose_and_ask(api)
    look = f"/v1/approvals/{waiting['envelope']['id']}/look"

    assert (await api.as_user("reviewer", sub="ann").post(look)).json() == {"items": []}
    seen = (await api.as_user("member", sub="ben").post(look)).json()["items"]
    assert [each["viewer"] for each in seen] == ["user:ann"]
    everywhere = (await api.as_operator().get("/v1/approvals/viewers")).json()["items"]
    assert [each["viewer"] for each in everywhere] == ["user:ann", "user:ben"]
    assert (await (await api.as_agent()).post(look)).status_code == 403


async def test_the_last_calls_of_the_tool_tell_how_they_ended(api: Api) -> None:
    await ask_people(api)
    earlier, waiting = [await propose_and_ask(api) for _ in range(2)]
    ann = api.as_user("reviewer")
    await decide(ann, earlier, "reject", code="too_risky", reason="no")

    calls = (await ann.get(f"/v1/approvals/{waiting['envelope']['id']}/last-calls")).json()["items"]
    assert [(each["id"], each["status"]) for each in calls] == [(earlier["envelope"]["id"], "rejected")]


async def decide(client: Client, approval: dict[str, Any], verb: str, **fields: str) -> None:
    path = f"/v1/approvals/{approval['envelope']['id']}/{verb}"
    answer = await client.post(path, json={"digest": approval["digest"], **fields})
    assert answer.status_code == 200, answer.text
