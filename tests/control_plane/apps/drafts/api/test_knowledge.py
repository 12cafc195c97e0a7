"""People see what replies are based on, and decide about corrections, over HTTP."""

import pytest

from control_plane.apps.drafts.store.documents import Documents
from services.backends.functions import by
from tests.control_plane.api.conftest import OPERATOR
from tests.control_plane.apps.drafts.api.conftest import DraftsApi
from tests.control_plane.apps.drafts.knowledge.conftest import a_document


@pytest.fixture
def documents(desk: DraftsApi) -> Documents:
    functions = desk.api.access.operator.functions
    assert functions is not None
    return Documents(functions, desk.api.tenant, OPERATOR)


async def test_documents_come_in_pages_and_imports_say_how_they_ended(desk: DraftsApi, documents: Documents) -> None:
    run = await documents.start_import("crawl")
    await documents.save([a_document(name) for name in ("hours", "returns", "shipping")])
    await documents.mark_failed("https://help.example/prices", "page", "the server answered 503")
    await documents.finish_import(run, error=None, metrics={"saved": 3})
    pages, after = [], None
    while True:
        query = {"limit": 2, "begins": "https://help.example/", **({"after": after} if after else {})}
        page = (await desk.rita.get("/v1/documents", params=query)).json()
        pages.append([(each["source_url"].rpartition("/")[2], each["failure"]) for each in page["items"]])
        after = page["next"]
        if after is None:
            break
    assert pages == [[("hours", None), ("prices", "the server answered 503")], [("returns", None), ("shipping", None)]]
    [ended] = (await desk.rita.get("/v1/documents/imports")).json()["items"]
    assert (ended["type"], ended["status"], ended["metrics"]) == ("crawl", "succeeded", {"saved": 3})
    stranger = desk.api.as_user(tenant=desk.api.other_tenant)
    assert (await stranger.get("/v1/documents")).json()["items"] == []


async def test_a_proposed_correction_is_approved_and_retired_by_reviewers(desk: DraftsApi) -> None:
    functions = desk.api.access.operator.functions
    assert functions is not None
    proposed = {"external_id": "c-1", "patterns": ["(?i)opening hours"], "answer": "We open at 9."}
    await functions.call("drafts.propose_correction", tenant=desk.api.tenant, correction=proposed, **by(OPERATOR))

    [found] = (await desk.rita.get("/v1/corrections", params={"status": "proposed"})).json()["items"]
    assert (found["external_id"], found["answer"]) == ("c-1", "We open at 9.")
    path = f"/v1/corrections/{found['id']}"
    assert (await desk.api.as_user("member").post(f"{path}/approve")).status_code == 403
    assert (await desk.rita.post(f"{path}/approve")).json()["status"] == "approved"
    assert (await desk.rita.post(f"{path}/retire")).json()["status"] == "retired"
    assert (await desk.rita.post(f"{path}/approve")).status_code == 409
    other = desk.api.as_user(tenant=desk.api.other_tenant)
    assert (await other.post(f"{path}/retire")).status_code == 404
