"""Dead letters over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.outbox import Disposition, Settlement
from tests.control_plane.api.conftest import Api, a_proposal

MINUTE = timedelta(minutes=1)


async def a_dead_letter(api: Api, *, doubtful: bool = False, **proposal: Any) -> UUID:
    """An envelope of the tenant that has used up its attempts."""
    await api.as_user().post("/v1/envelopes", json=a_proposal(**proposal))
    outbox = api.access.operator.outbox
    [claimed] = await outbox.claim("worker", limit=1, lease_for=MINUTE)
    settlement = Settlement(
        lease=claimed.lease, envelope_id=claimed.envelope.id, to=Disposition.FAILED, error="gone", doubtful=doubtful
    )
    await outbox.settle("worker", [settlement])
    return claimed.envelope.id


async def test_a_person_requeues_the_one_they_name_even_if_it_is_doubtful(api: Api) -> None:
    dead = await a_dead_letter(api, doubtful=True)
    reviewer = api.as_user("reviewer")

    requeued = await reviewer.post(f"/v1/dead-letters/{dead}/requeue")
    again = await reviewer.post(f"/v1/dead-letters/{dead}/requeue")

    assert (requeued.json()["id"], requeued.json()["status"], again.status_code) == (str(dead), "pending", 404)


async def test_a_reviewer_discards_a_dead_letter_with_a_reason(api: Api) -> None:
    dead = await a_dead_letter(api, doubtful=True)
    path = f"/v1/dead-letters/{dead}/discard"

    refused = await api.as_user("member").post(path, json={"reason": "old"})
    discarded = await api.as_user("reviewer", sub="rita").post(path, json={"reason": "placed by hand"})

    assert (refused.status_code, discarded.json()["status"]) == (403, "cancelled")
    [row] = await api.access.operator.audit_log.tail(api.tenant, limit=1)
    assert (row.entry.category, row.entry.actor.id) == ("envelope.discarded", "rita")
    assert row.entry.payload["reason"] == "placed by hand"


async def test_a_person_requeues_a_dead_letter_with_other_arguments(api: Api) -> None:
    dead = await a_dead_letter(api)
    path = f"/v1/dead-letters/{dead}/requeue-edited"
    edit = '{"arguments": {"text": "bye", "amount": 0.30000000000000004}, "reason": "typo"}'
    json_type = {"Content-Type": "application/json"}

    forbidden = [
        await each.post(path, content=edit, headers=json_type) for each in (api.as_user("member"), await api.as_agent())
    ]
    stranger = await api.as_user(tenant=api.other_tenant).post(path, content=edit, headers=json_type)
    invalid = await api.as_user().post(path, json={"arguments": {"text": 5}})
    inexact = await api.as_user().post(path, content='{"arguments": {"amount": 1e400}}', headers=json_type)
    empty = await api.as_user().post(path, json={})
    edited = await api.as_user("reviewer", sub="rita").post(path, content=edit, headers=json_type)
    again = await api.as_user().post(path, json={"arguments": {"text": "x"}})

    assert [each.status_code for each in forbidden] == [403, 403]
    assert (stranger.status_code, again.status_code) == (404, 404)
    assert (invalid.status_code, invalid.json()["errors"][0]["field"]) == (422, "arguments.text")
    assert [each.json()["errors"][0]["field"] for each in (inexact, empty)] == ["arguments.amount", "arguments"]
    assert edited.status_code == 200
    answer = edited.json()
    assert (answer["status"], answer["arguments"]) == ("pending", {"text": "bye", "amount": 0.30000000000000004})
    assert answer["proposed_arguments"] == {"text": "hello"}
    _, row = await api.access.operator.audit_log.tail(api.tenant, limit=2)
    assert (row.entry.category, row.entry.actor.id, row.entry.payload["door"]) == ("envelope.edited", "rita", "api")


async def test_requeueing_all_leaves_doubtful_ones_and_says_so_before(api: Api) -> None:
    certain, doubtful = await a_dead_letter(api), await a_dead_letter(api, doubtful=True)
    owner = api.as_user()

    preview = (await owner.post("/v1/dead-letters/requeue", json={"dry_run": True})).json()
    requeued = (await owner.post("/v1/dead-letters/requeue", json={})).json()

    assert (
        [item["id"] for item in preview["items"]]
        == [envelope["id"] for envelope in requeued["items"]]
        == [str(certain)]
    )
    assert (preview["doubtful"], requeued["doubtful"]) == (1, 1)
    left = (await owner.get("/v1/dead-letters")).json()["items"]
    assert [(each["id"], each["doubtful"]) for each in left] == [(str(doubtful), True)]


async def test_a_member_may_look_and_requeue_nothing(api: Api) -> None:
    dead = await a_dead_letter(api)
    member = api.as_user("member")

    one = await member.post(f"/v1/dead-letters/{dead}/requeue")
    every = await member.post("/v1/dead-letters/requeue", json={})
    preview = await member.post("/v1/dead-letters/requeue", json={"dry_run": True})

    assert (one.status_code, every.status_code, preview.status_code) == (403, 403, 200)


async def test_pages_begin_with_the_oldest(api: Api) -> None:
    dead = [str(await a_dead_letter(api)) for _ in range(3)]
    owner = api.as_user()

    first = (await owner.get("/v1/dead-letters", params={"limit": 2, "status": "failed"})).json()
    rest = await owner.get("/v1/dead-letters", params={"limit": 2, "status": "failed", "after": first["next"]})

    assert [item["id"] for item in first["items"] + rest.json()["items"]] == dead
    assert rest.json()["next"] is None


async def test_a_status_that_no_dead_letter_has_is_refused(api: Api) -> None:
    refused = await api.as_user().get("/v1/dead-letters", params={"status": "pending"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "status")


async def test_another_tenants_dead_letter_is_not_found(api: Api) -> None:
    dead = await a_dead_letter(api)
    stranger = api.as_user(tenant=api.other_tenant)

    answers = [
        await stranger.post(f"/v1/dead-letters/{dead}/requeue"),
        await stranger.post(f"/v1/dead-letters/{dead}/discard", json={"reason": "old"}),
        await stranger.get("/v1/dead-letters", params={"tenant_id": str(api.tenant)}),
        await stranger.post("/v1/dead-letters/requeue", json={}, params={"tenant_id": str(api.tenant)}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert (await stranger.get("/v1/dead-letters")).json()["items"] == []
    assert (await stranger.post("/v1/dead-letters/requeue", json={})).json()["items"] == []


async def test_dead_letters_are_grouped_and_listed_by_cause(api: Api) -> None:
    dead = await a_dead_letter(api)
    member = api.as_user("member")

    causes = (await member.get("/v1/dead-letters/causes")).json()
    listed = (await member.get("/v1/dead-letters", params={"cause": "gone"})).json()
    others = (await member.get("/v1/dead-letters", params={"cause": "lost"})).json()
    theirs = (await api.as_user(tenant=api.other_tenant).get("/v1/dead-letters/causes")).json()

    [cause] = causes["causes"]
    assert (cause["tool_slug"], cause["cause"], cause["letters"], causes["is_whole"]) == (
        "SLACK__chat.post", "gone", 1, True
    )  # fmt: skip
    assert [item["id"] for item in listed["items"]] == [str(dead)]
    assert (others["items"], theirs["causes"]) == ([], [])


async def test_several_dead_letters_are_changed_and_the_others_named(api: Api) -> None:
    dead, doubtful = await a_dead_letter(api), await a_dead_letter(api, doubtful=True)
    reviewer, stranger = api.as_user("reviewer"), api.as_user(tenant=api.other_tenant)
    body = {"action": "requeue", "ids": [str(dead), str(doubtful), str(dead)]}

    foreign = (await stranger.post("/v1/dead-letters/bulk", json=body)).json()
    forbidden = await api.as_user("member").post("/v1/dead-letters/bulk", json=body)
    requeued = (await reviewer.post("/v1/dead-letters/bulk", json=body)).json()
    again = (await reviewer.post("/v1/dead-letters/bulk", json={**body, "action": "discard", "reason": "old"})).json()
    without_reason = await reviewer.post("/v1/dead-letters/bulk", json={**body, "action": "discard"})

    gone = [{"id": str(each), "problem": "it is no dead letter any more"} for each in (dead, doubtful)]
    assert (foreign, forbidden.status_code) == ({"items": [], "skipped": gone}, 403)
    assert [item["status"] for item in requeued["items"]] == ["pending", "pending"]
    assert (requeued["skipped"], again) == ([], {"items": [], "skipped": gone})
    assert (without_reason.status_code, without_reason.json()["errors"][0]["field"]) == (422, "reason")


async def test_discarding_several_writes_the_reason_of_each(api: Api) -> None:
    dead = [await a_dead_letter(api), await a_dead_letter(api)]
    body = {"action": "discard", "ids": [str(each) for each in dead], "reason": "placed by hand"}

    answer = (await api.as_user("reviewer").post("/v1/dead-letters/bulk", json=body)).json()

    assert [(item["id"], item["status"]) for item in answer["items"]] == [(str(each), "cancelled") for each in dead]
    rows = await api.access.operator.audit_log.tail(api.tenant, limit=2)
    assert [row.entry.payload["reason"] for row in rows] == ["placed by hand"] * 2
