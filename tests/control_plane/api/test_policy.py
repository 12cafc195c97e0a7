"""Versions of guardrails over HTTP."""

from tests.control_plane.api.conftest import Api


async def test_an_owner_goes_back_to_an_earlier_version_and_others_read_it(api: Api) -> None:
    owner = api.as_user("owner", sub="olga")
    for threshold in (0.5, 0.9):
        etag = (await owner.get("/v1/guardrails")).headers["etag"]
        body = {"trust_threshold": threshold}
        await owner.patch("/v1/guardrails", json=body, headers={"If-Match": etag})

    refused = await api.as_user("member").post("/v1/guardrails/rollback", json={"version": 1})
    unknown = await owner.post("/v1/guardrails/rollback", json={"version": 9})
    rolled_back = await owner.post("/v1/guardrails/rollback", json={"version": 1})

    assert (refused.status_code, unknown.status_code) == (403, 404)
    assert rolled_back.json()["trust_threshold"] == 0.5
    versions = (await api.as_user("member").get("/v1/guardrails/versions")).json()["items"]
    assert [(v["version"], v["document"]["trust_threshold"], v["actor"]["id"]) for v in versions] == [
        (3, 0.5, "olga"), (2, 0.9, "olga"), (1, 0.5, "olga"),
    ]  # fmt: skip
