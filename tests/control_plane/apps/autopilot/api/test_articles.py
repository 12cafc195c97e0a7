"""Articles, gaps and drafts over the API: who may do what, pages, and refusals."""

from uuid import uuid4

import pytest

from control_plane.api.pages import Cursors
from control_plane.apps.autopilot.knowledge.match import match_clusters
from control_plane.apps.autopilot.store.settings import save_settings
from tests.builders import a_tool
from tests.control_plane.api.conftest import Api, api
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk
from tests.control_plane.apps.autopilot.stocked import VPN_ARTICLE, Stocked, stock

__all__ = ["api"]
ARTICLES, GAPS = "/v1/autopilot/articles", "/v1/autopilot/gaps"
KB_1 = {"external_id": "KB-1", "title": VPN_ARTICLE.title, "content": VPN_ARTICLE.content}


@pytest.fixture
async def stocked(api: Api, database_url: str) -> Stocked:
    return await stock(Helpdesk(api.access, database_url, api.tenant))


async def test_articles_are_put_listed_found_linked_and_archived(api: Api, stocked: Stocked) -> None:
    reviewer, member = api.as_user("reviewer"), api.as_user("member")
    body = {"articles": [KB_1, {"external_id": "KB-2", "title": "Lunch"}]}
    [first, second] = (await reviewer.put(ARTICLES, json=body)).json()["items"]
    assert (first["external_id"], first["is_changed"], second["external_id"]) == ("KB-1", True, "KB-2")
    assert (await member.put(ARTICLES, json=body)).status_code == 403

    page = (await member.get(ARTICLES, params={"limit": 1})).json()
    rest = (await member.get(ARTICLES, params={"limit": 1, "after": page["next"]})).json()
    assert [each["title"] for each in page["items"] + rest["items"]] == ["Lunch", VPN_ARTICLE.title]
    assert rest["next"] is None
    found = (await member.get(f"{ARTICLES}/search", params={"text": "VPN drops"})).json()["items"]
    assert (found[0]["article_id"], found[0]["score"] > 0.33) == (first["id"], True)

    await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)
    whole = (await member.get(f"{ARTICLES}/{first['id']}")).json()
    assert [(each["cluster_id"], each["is_found"]) for each in whole["links"]] == [(str(stocked.vpn), True)]
    link = f"{ARTICLES}/{second['id']}/clusters/{stocked.badge}"
    assert (await reviewer.put(link, json={"is_linked": True})).json()["clusters"] == 1
    assert (await member.get(GAPS)).json()["items"] == []
    archived = await reviewer.post(f"{ARTICLES}/{second['id']}/status", json={"status": "archived"})
    assert archived.json()["status"] == "archived"
    assert [each["cluster_id"] for each in (await member.get(GAPS)).json()["items"]] == [str(stocked.badge)]


@pytest.mark.parametrize("letter", ["ü", "漢", "😀", '"'])
async def test_pages_go_on_after_a_title_of_any_letters(api: Api, letter: str) -> None:
    titles = [letter * 255 + str(n) for n in range(3)]
    body = {"articles": [{"external_id": f"KB-{n}", "title": title} for n, title in enumerate(titles)]}
    await api.as_user("owner").put(ARTICLES, json=body)
    shown, after = [], None
    while page := (await api.as_user().get(ARTICLES, params={"limit": 1} | ({"after": after} if after else {}))).json():
        shown += [each["title"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(shown) == titles


async def test_a_made_up_cursor_is_refused(api: Api) -> None:
    made_up = Cursors("articles", api.tenant, None, None).write_key("VPN", "no id")
    answer = await api.as_user().get(ARTICLES, params={"after": made_up})
    assert (answer.status_code, answer.json()["detail"][:33]) == (400, "after: is not a cursor of this li")


async def test_a_gap_gets_a_draft_over_the_api(api: Api, stocked: Stocked) -> None:
    reviewer, member = api.as_user("reviewer"), api.as_user("member")
    await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)
    path = f"/v1/autopilot/clusters/{stocked.vpn}/article"
    assert (await reviewer.post(path)).status_code == 409
    await api.access.operator.catalog.save([a_tool(tenant_id=api.tenant, tool_slug="KB__publish")], actor=OLGA)
    await save_settings(stocked.functions, stocked.tenant, {"article_tool_slug": "KB__publish"}, actor=OLGA)
    assert (await member.post(path)).status_code == 403
    drafted = await reviewer.post(path)
    assert (drafted.status_code, drafted.json()["ticket_count"]) == (201, 3)
    again = await reviewer.post(path)
    assert (again.status_code, drafted.json()["envelope_id"] in again.json()["detail"]) == (409, True)
    [listed] = (await member.get("/v1/autopilot/article-drafts", params={"cluster_id": str(stocked.vpn)})).json()[
        "items"
    ]
    assert (listed["status"], listed["envelope_id"]) == ("proposed", drafted.json()["envelope_id"])
    [first, _] = (await member.get(GAPS)).json()["items"]
    assert (first["cluster_id"], first["draft"]["status"], len(first["weeks"])) == (str(stocked.vpn), "proposed", 12)


@pytest.mark.parametrize(
    "body",
    [
        {"articles": []},
        {"articles": [{"external_id": "KB-1"}]},
        {"articles": [{**KB_1, "title": "a\0b"}]},
        {"articles": [{**KB_1, "more": 1}]},
        {"articles": [{**KB_1, "title": "   "}]},
        {"articles": [{"external_id": f"KB-{n}", "title": "T"} for n in range(101)]},
    ],
)
async def test_wrong_articles_are_refused(api: Api, body: object) -> None:
    assert (await api.as_user("owner").put(ARTICLES, json=body)).status_code == 422


async def test_what_is_not_there_is_404(api: Api, stocked: Stocked) -> None:
    reviewer, gone = api.as_user("reviewer"), uuid4()
    [article] = await stocked.add(VPN_ARTICLE)
    await save_settings(stocked.functions, stocked.tenant, {"article_tool_slug": "KB__publish"}, actor=OLGA)
    for answer in (
        await reviewer.get(f"{ARTICLES}/{gone}"),
        await reviewer.post(f"{ARTICLES}/{gone}/status", json={"status": "broken"}),
        await reviewer.put(f"{ARTICLES}/{article}/clusters/{gone}", json={"is_linked": True}),
        await reviewer.post(f"/v1/autopilot/clusters/{gone}/article"),
    ):
        assert answer.status_code == 404


async def test_a_page_in_html_is_stored_as_text_with_its_headings(api: Api) -> None:
    owner = api.as_user("owner")
    page = "<nav>Start</nav><h1>Printer</h1><p>It jams.<script>steal()</script></p><h2>Paper</h2><ul><li>80 g</ul>"
    article = {"external_id": "P-1", "title": "Printer", "content": page, "format": "html"}
    [saved] = (await owner.put(ARTICLES, json={"articles": [article]})).json()["items"]
    assert (await owner.get(f"{ARTICLES}/{saved['id']}")).json()["content"] == "It jams.\n\n## Paper\n\n* 80 g"
    empty = await owner.put(ARTICLES, json={"articles": [article | {"content": "<script>1</script>"}]})
    assert (empty.status_code, "articles[0].content" in empty.text) == (422, True)
