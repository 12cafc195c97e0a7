"""The catalog over HTTP."""

from dataclasses import replace
from typing import Any

from services.catalog import ListedTool
from services.sync_catalog import sync_catalog
from tests.builders import a_listing, a_tool
from tests.control_plane.api.conftest import OPERATOR, Api, Client, a_proposal

HTTP_TOOL = {
    "tool_slug": "DESK__open", "version": "1", "provider": "http", "config": {"url": "https://desk.example/hooks"},
    "schema": {"type": "object"},
}  # fmt: skip


def of(api: Api) -> dict[str, Any]:
    return {"tenant_id": str(api.tenant)}


async def a_new_tool(api: Api, description: str = "Reads a file") -> None:
    """A tool that a sync has found and nobody has accepted."""
    listing = a_listing(ListedTool(name="read", description=description))
    await sync_catalog(api.access.operator, api.tenant, listing, actor=OPERATOR)


async def drifting(client: Client, **params: Any) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await client.get("/v1/catalog/drift", params=params)).json()["items"]
    return listed


async def test_an_operator_adds_a_tool_and_agents_call_it(api: Api) -> None:
    maria = api.as_operator()

    added = await maria.post("/v1/catalog/tools", json=HTTP_TOOL, params=of(api))

    assert (added.status_code, added.json()["status"], added.json()["schema"]) == (201, "active", {"type": "object"})
    assert "config" not in added.json()
    proposed = await api.as_user().post("/v1/envelopes", json=a_proposal(tool_slug="DESK__open", arguments={}))
    assert proposed.status_code == 201


async def test_a_malformed_tool_names_the_column(api: Api) -> None:
    refused = await api.as_operator().post("/v1/catalog/tools", json={**HTTP_TOOL, "colour": "red"}, params=of(api))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "colour")


async def test_pages_show_each_version_once_while_others_are_added(api: Api) -> None:
    owner, catalog = api.as_user(), api.access.operator.catalog
    tools = [a_tool(tenant_id=api.tenant, tool_slug=f"A__{n // 2}", version=str(n % 2)) for n in range(6)]
    await catalog.save(tools, actor=OPERATOR)
    seen, after = [], None
    while True:
        params = {"limit": 2, **({"after": after} if after else {})}
        page = (await owner.get("/v1/catalog/tools", params=params)).json()
        seen += [(tool["tool_slug"], tool["version"]) for tool in page["items"]]
        await catalog.save([a_tool(tenant_id=api.tenant, tool_slug="A__0", version=f"x{len(seen)}")], actor=OPERATOR)
        if (after := page["next"]) is None:
            break

    expected = [(f"A__{n}", version) for n in range(3) for version in ("1", "0")]
    assert seen == [*expected, ("SLACK__chat.post", "1")]


async def test_a_new_tool_is_accepted_as_it_was_seen(api: Api) -> None:
    await a_new_tool(api)
    maria = api.as_operator()
    [tool] = await drifting(maria, **of(api))
    path = f"/v1/catalog/tools/{tool['tool_slug']}"

    changed = await maria.post(f"{path}/accept", json={"hash": "0" * 64}, params=of(api))
    accepted = await maria.post(f"{path}/accept", json={"hash": tool["schema_hash"][:12]}, params=of(api))

    assert (changed.status_code, accepted.status_code) == (409, 200)
    assert await drifting(api.as_user()) == []
    assert (await api.as_user().get(path)).json()["status"] == "active"


async def test_a_new_tool_may_be_rejected(api: Api) -> None:
    await a_new_tool(api)
    [tool] = await drifting(api.as_user())

    rejected = await api.as_operator().post(
        f"/v1/catalog/tools/{tool['tool_slug']}/reject", json={"hash": tool["schema_hash"]}, params=of(api)
    )

    assert (rejected.status_code, rejected.json()["decision"]) == (200, "rejected")


async def test_a_removed_tool_is_called_no_more(api: Api) -> None:
    maria, owner = api.as_operator(), api.as_user()
    path = "/v1/catalog/tools/SLACK__chat.post"

    without_reason = await maria.delete(path, params=of(api))
    removed = await maria.delete(path, params={**of(api), "reason": "the vendor was dropped"})

    assert (without_reason.status_code, removed.status_code) == (422, 200)
    assert (await owner.get(path)).json()["status"] == "rejected"


async def test_a_source_that_this_server_does_not_know_is_refused(api: Api) -> None:
    body = {"provider": "mcp", "source": "nowhere"}
    refused = await api.as_operator().post("/v1/catalog/sync", json=body, params=of(api))
    sources = await api.as_operator().get("/v1/catalog/sources", params=of(api))
    assert refused.status_code in {404, 422, 503}
    assert sources.json() == {"items": []}


async def test_another_tenants_tools_are_not_found(api: Api) -> None:
    await api.access.operator.catalog.save([replace(a_tool(), tenant_id=api.tenant, tool_slug="A__b")], actor=OPERATOR)
    stranger = api.as_user(tenant=api.other_tenant)

    answers = [
        await stranger.get("/v1/catalog/tools/A__b"),
        await stranger.get("/v1/catalog/tools", params=of(api)),
        await stranger.get("/v1/catalog/drift", params=of(api)),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
