"""Evidence and signals over HTTP."""

from services.evidence import Reading
from tests.control_plane.api.conftest import OPERATOR, Api


async def test_a_scan_is_listed_to_its_tenant_alone(api: Api) -> None:
    reading = Reading(
        tool_slug="SLACK__channels.list", connected_account_id=None, content=["#general"], sha256="ab" * 32,
        value={"kind": "list", "items": 1},
    )  # fmt: skip
    await api.access.operator.evidence.save(api.tenant, [reading], actor=OPERATOR)
    owner, stranger = api.as_user(), api.as_user(tenant=api.other_tenant)

    [evidence] = (await owner.get("/v1/evidence")).json()["items"]
    [signal] = (await owner.get("/v1/signals")).json()["items"]

    assert (evidence["content"], evidence["sha256"]) == (["#general"], "ab" * 32)
    assert (signal["value"], signal["evidence_id"]) == ({"kind": "list", "items": 1}, evidence["id"])
    for path in ("/v1/evidence", "/v1/signals"):
        assert (await stranger.get(path)).json() == {"items": []}
        assert (await stranger.get(path, params={"tenant_id": str(api.tenant)})).status_code == 404
