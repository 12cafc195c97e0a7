"""Articles are stored with their passages and found by what they say."""

import pytest

from control_plane.apps.autopilot.articles import ArticleStatus, NewArticle
from control_plane.apps.autopilot.knowledge.search import search_articles
from control_plane.apps.autopilot.save_articles import save_articles
from control_plane.apps.autopilot.store import articles as store
from services.errors import InvalidInput, NotAllowed, NotFound
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk, open_helpdesk

VPN = NewArticle(
    external_id="KB-1", title="VPN connection drops", url="https://kb.example/1", source="wiki",
    content="The tunnel closes after an hour.\n\n## Steps\nRemove the profile in the client and install it again.",
)  # fmt: skip
PRINTER = NewArticle(external_id="KB-2", title="Paper jam", content="Open tray 2 and pull the sheet out.")


async def found(desk: Helpdesk, text: str) -> list[str]:
    return [each.external_id for each in await search_articles(desk.functions, desk.tenant, text)]


async def test_the_best_article_comes_first_with_its_best_passage(helpdesk: Helpdesk) -> None:
    await save_articles(helpdesk.access.operator, helpdesk.tenant, [PRINTER, VPN], actor=OLGA)
    first, second = await search_articles(
        helpdesk.functions, helpdesk.tenant, "How do I install the VPN profile again?"
    )
    assert (first.external_id, first.title, first.url) == ("KB-1", "VPN connection drops", "https://kb.example/1")
    assert first.passage == "Remove the profile in the client and install it again."
    assert first.heading == "VPN connection drops – Steps"
    assert 1 >= first.score > 0.4 > second.score >= 0
    [only] = await search_articles(helpdesk.functions, helpdesk.tenant, "vpn profile", limit=1)
    assert only.external_id == "KB-1"


async def test_a_word_in_the_title_counts_more_than_one_in_the_text(helpdesk: Helpdesk) -> None:
    new = [
        NewArticle(external_id="title", title="XK42", content="Something else about quite another matter."),
        NewArticle(external_id="text", title="Something else", content="XK42 about quite another matter."),
    ]
    await save_articles(helpdesk.access.operator, helpdesk.tenant, new, actor=OLGA)
    assert (await found(helpdesk, "XK42 matter"))[0] == "title"


async def test_only_active_articles_of_the_own_tenant_are_found(helpdesk: Helpdesk) -> None:
    [saved] = await save_articles(helpdesk.access.operator, helpdesk.tenant, [VPN], actor=OLGA)
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    assert await found(other, "VPN connection") == []
    assert await found(helpdesk, "VPN connection") == ["KB-1"]
    await store.set_status(helpdesk.functions, helpdesk.tenant, saved.id, ArticleStatus.BROKEN, actor=OLGA)
    assert await found(helpdesk, "VPN connection") == []
    helpdesk.run("update autopilot.knowledge_articles set status = 'active' where id = %s", saved.id)
    assert await found(helpdesk, "VPN connection") == ["KB-1"]
    with pytest.raises(NotFound):
        await store.read_article(other.functions, other.tenant, saved.id)


@pytest.mark.parametrize("text", ["", " \n", "the of and", "???", "\ud83d", "a' & b:* \\ | !", "x" * 100_000])
async def test_any_text_can_be_searched_for(helpdesk: Helpdesk, text: str) -> None:
    await save_articles(helpdesk.access.operator, helpdesk.tenant, [VPN], actor=OLGA)
    assert await found(helpdesk, text.encode("utf-8", "replace").decode()) in ([], ["KB-1"])


async def test_an_article_is_replaced_and_an_unchanged_one_is_not_written(helpdesk: Helpdesk) -> None:
    operator, tenant = helpdesk.access.operator, helpdesk.tenant
    [first] = await save_articles(operator, tenant, [VPN], actor=OLGA)
    again, new = await save_articles(operator, tenant, [VPN, PRINTER], actor=OLGA)
    assert (again.id, first.is_changed, again.is_changed, new.is_changed) == (first.id, True, False, True)
    await save_articles(operator, tenant, [NewArticle(external_id="KB-1", title="Paper tray")], actor=OLGA)
    whole = await store.read_article(helpdesk.functions, tenant, first.id)
    assert (whole.title, whole.content, whole.url, whole.links) == ("Paper tray", None, None, ())
    assert await found(helpdesk, "tunnel closes") in ([], ["KB-1"], ["KB-2"], ["KB-1", "KB-2"], ["KB-2", "KB-1"])
    assert helpdesk.run("select count(*) from autopilot.article_passages where article_id = %s", first.id) == [(1,)]
    assert helpdesk.audit() == ["articles.saved"] * 3


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"external_id": ""}, r"articles\[1\].external_id: must have 1 to 255"),
        ({"external_id": "x" * 256}, r"articles\[1\].external_id"),
        ({"title": " "}, r"articles\[1\].title: must have 1 to 2048"),
        ({"url": "x" * 2049}, r"articles\[1\].url"),
        ({"content": "é" * 500_001}, r"articles\[1\].content: must have at most 1000000"),
        ({"source": ""}, r"articles\[1\].source"),
        ({"title": "a\0b"}, "NUL|null|U\\+0000|cannot be stored"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_stored(
    helpdesk: Helpdesk, fields: dict[str, str], problem: str
) -> None:
    wrong = NewArticle(**{"external_id": "KB-9", "title": "Title", **fields})
    with pytest.raises(InvalidInput, match=problem):
        await save_articles(helpdesk.access.operator, helpdesk.tenant, [VPN, wrong], actor=OLGA)
    assert await store.list_articles(helpdesk.functions, helpdesk.tenant) == []


async def test_a_megabyte_is_stored_and_its_beginning_is_found(helpdesk: Helpdesk) -> None:
    long = NewArticle(external_id="long", title="Long", content=("tunnel profile " * 66_000)[:990_000])
    await save_articles(helpdesk.access.operator, helpdesk.tenant, [long], actor=OLGA)
    assert await found(helpdesk, "tunnel profile") == ["long"]


async def test_articles_are_listed_by_title_in_pages(helpdesk: Helpdesk) -> None:
    new = [
        NewArticle(external_id=f"KB-{n}", title=title) for n, title in enumerate(("beta", "Alpha", "alpha", "Gamma"))
    ]
    await save_articles(helpdesk.access.operator, helpdesk.tenant, new, actor=OLGA)
    seen: list[str] = []
    page = await store.list_articles(helpdesk.functions, helpdesk.tenant, limit=2)
    while page:
        seen += [each.title.lower() for each in page]
        page = await store.list_articles(
            helpdesk.as_user(tenant_role="member"), helpdesk.tenant, after=(page[-1].title, page[-1].id), limit=2
        )
    assert seen == ["alpha", "alpha", "beta", "gamma"]
    assert await store.list_articles(helpdesk.functions, helpdesk.tenant, status=ArticleStatus.ARCHIVED) == []


async def test_members_only_read(helpdesk: Helpdesk) -> None:
    with pytest.raises(NotAllowed):
        await store.save_articles(helpdesk.as_user(tenant_role="member"), helpdesk.tenant, [(VPN, [])], actor=OLGA)
