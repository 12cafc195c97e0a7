"""Each cluster gets the articles that answer it, or is a gap; a change of the articles is searched for again."""

from datetime import timedelta
from typing import cast

import pytest

from control_plane.apps.autopilot.articles import ArticleStatus, NewArticle
from control_plane.apps.autopilot.jobs import knowledge_match
from control_plane.apps.autopilot.knowledge import match
from control_plane.apps.autopilot.knowledge.match import match_clusters
from control_plane.apps.autopilot.store import articles, clusters
from control_plane.jobs import JobContext
from services.errors import NotFound
from services.tools.dispatch import Tools
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.stocked import VPN_ARTICLE, Stocked, stock

BADGE_ARTICLE = NewArticle(
    external_id="KB-2",
    title="Lost or broken badge",
    content="Order a new badge. The doors know it at once.",
)


@pytest.fixture
async def stocked(helpdesk: Helpdesk) -> Stocked:
    return await stock(helpdesk)


async def run_match(stocked: Stocked) -> tuple[int, int]:
    """Clusters that were searched, and those with an article."""
    done = await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)
    assert done.timed_out == 0
    return done.searched, done.found


async def test_clusters_are_found_or_gaps_and_are_not_searched_twice(stocked: Stocked) -> None:
    await stocked.add(VPN_ARTICLE)
    assert await run_match(stocked) == (2, 1)
    assert (stocked.kb_status(stocked.vpn), stocked.kb_status(stocked.badge)) == ("FOUND", "GAP")
    assert stocked.links(stocked.vpn) == [("KB-1", True)]
    assert await run_match(stocked) == (0, 0)
    gaps = "select sum(kb_gap_count) from autopilot.analytics_cluster_daily where organization_id = %s"
    assert stocked.desk.run(gaps, stocked.tenant) == [(2,)]


async def test_a_new_article_closes_a_gap(stocked: Stocked) -> None:
    await run_match(stocked)
    assert stocked.kb_status(stocked.badge) == "GAP"
    await stocked.add(BADGE_ARTICLE)
    assert await run_match(stocked) == (2, 1)
    assert stocked.kb_status(stocked.badge) == "FOUND"


async def test_an_article_that_a_workflow_wrote_is_indexed_and_found(stocked: Stocked) -> None:
    await run_match(stocked)
    stocked.desk.run(
        "insert into autopilot.knowledge_articles (organization_id, external_id, title, content)"
        " values (%s, 'KB-2', %s, %s)", stocked.tenant, BADGE_ARTICLE.title, BADGE_ARTICLE.content,
    )  # fmt: skip
    done = await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)
    assert (done.indexed, done.searched, done.found) == (1, 2, 1)
    stocked.desk.run("update autopilot.knowledge_articles set title = 'Lunch', content = 'Soup'"
                     " where organization_id = %s", stocked.tenant)  # fmt: skip
    assert await run_match(stocked) == (2, 0)
    assert (stocked.kb_status(stocked.badge), stocked.links(stocked.badge)) == ("GAP", [])


async def test_links_of_people_and_workflows_stay(stocked: Stocked) -> None:
    [by_person] = await stocked.add(NewArticle(external_id="KB-7", title="Lunch"))
    await articles.set_link(stocked.functions, stocked.tenant, by_person, stocked.badge, is_linked=True, actor=OLGA)
    stocked.desk.run(
        "insert into autopilot.knowledge_articles (organization_id, cluster_id, external_id, title, relevance_score)"
        " values (%s, %s, 'KB-8', 'Soup', 0.5) on conflict (organization_id, external_id) do update"
        " set cluster_id = excluded.cluster_id", stocked.tenant, stocked.badge,
    )  # fmt: skip
    await stocked.add(VPN_ARTICLE)
    await run_match(stocked)
    assert stocked.links(stocked.badge) == [("KB-7", False), ("KB-8", False)]
    assert stocked.kb_status(stocked.badge) == "FOUND"
    await articles.set_link(stocked.functions, stocked.tenant, by_person, stocked.badge, is_linked=False, actor=OLGA)
    stocked.desk.run("update autopilot.knowledge_articles set status = 'archived' where external_id = 'KB-8'"
                     " and organization_id = %s", stocked.tenant)  # fmt: skip
    assert stocked.kb_status(stocked.badge) == "GAP"


@pytest.mark.parametrize("status", [ArticleStatus.BROKEN, ArticleStatus.ARCHIVED])
async def test_the_cluster_of_an_article_that_goes_is_searched_again(stocked: Stocked, status: ArticleStatus) -> None:
    """The first article alone is linked, because only one link is allowed. When it goes, the second one takes over."""
    first, _ = await stocked.add(VPN_ARTICLE, NewArticle(external_id="KB-3", title="VPN profile", content="Token."))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(match, "MAX_LINKS", 1)
        await run_match(stocked)
    assert stocked.links(stocked.vpn) == [("KB-1", True)]
    await articles.set_status(stocked.functions, stocked.tenant, first, status, actor=OLGA)
    assert stocked.kb_status(stocked.vpn) == "GAP"
    assert await run_match(stocked) == (1, 1)
    assert stocked.links(stocked.vpn) == [("KB-3", True)]
    await articles.set_status(stocked.functions, stocked.tenant, first, ArticleStatus.ACTIVE, actor=OLGA)
    await run_match(stocked)
    assert stocked.links(stocked.vpn) == [("KB-1", True), ("KB-3", True)]


async def test_an_article_answers_several_clusters_and_takes_all_of_them_along(stocked: Stocked) -> None:
    both = NewArticle(
        external_id="KB-9", title="Lost badge, broken badge, and VPN connection drops",
        content=f"{BADGE_ARTICLE.content} {VPN_ARTICLE.content}",
    )  # fmt: skip
    [article] = await stocked.add(both)
    assert await run_match(stocked) == (2, 2)
    whole = await articles.read_article(stocked.functions, stocked.tenant, article)
    assert {each.cluster_id for each in whole.links} == {stocked.vpn, stocked.badge}
    assert (whole.clusters, all(each.is_found and each.score for each in whole.links)) == (2, True)
    stocked.desk.run("delete from autopilot.knowledge_articles where id = %s", article)
    assert {stocked.kb_status(stocked.vpn), stocked.kb_status(stocked.badge)} == {"GAP"}


async def test_other_examples_are_searched_for_again(stocked: Stocked) -> None:
    await stocked.add(VPN_ARTICLE)
    await run_match(stocked)
    stocked.desk.run("update autopilot.clusters set examples = examples - 0 where id = %s", stocked.vpn)
    assert await run_match(stocked) == (1, 1)


async def test_a_search_that_takes_too_long_leaves_the_cluster_pending(stocked: Stocked) -> None:
    await stocked.add(VPN_ARTICLE)
    done = await match_clusters(stocked.functions, stocked.tenant, actor=WORKER, search_within=timedelta(0))
    assert (done.timed_out, done.searched) == (2, 0)
    assert {stocked.kb_status(stocked.vpn), stocked.kb_status(stocked.badge)} == {"PENDING"}
    assert await run_match(stocked) == (2, 1)


async def test_a_new_model_keeps_links_of_people_apart_from_those_of_the_search(stocked: Stocked) -> None:
    [vpn, lunch] = await stocked.add(VPN_ARTICLE, NewArticle(external_id="KB-7", title="Lunch"))
    await articles.set_link(stocked.functions, stocked.tenant, lunch, stocked.vpn, is_linked=True, actor=OLGA)
    await run_match(stocked)
    assert stocked.links(stocked.vpn) == [("KB-1", True), ("KB-7", False)]
    await clusters.save_matches(stocked.functions, stocked.tenant, stocked.vpn, {}, actor=WORKER)
    assert stocked.links(stocked.vpn) == [("KB-7", False)]
    with pytest.raises(NotFound):
        await articles.set_link(stocked.functions, stocked.tenant, vpn, stocked.tenant, is_linked=True, actor=OLGA)


async def test_the_job_goes_on_after_a_tenant_that_fails(stocked: Stocked, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await stock(await open_helpdesk(stocked.desk.access, stocked.desk.url))
    await stocked.add(VPN_ARTICLE)
    first = min(stocked.tenant, other.tenant)

    async def fail_once(functions: object, tenant: object, **more: object) -> object:
        if tenant == first:
            raise NotFound("tenant", first)
        return await match_clusters(functions, tenant, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(knowledge_match, "match_clusters", fail_once)
    context = JobContext(
        backends=stocked.desk.access.operator, tools=cast("Tools", None), rules={}, keep_settled=timedelta(days=1)
    )
    assert await knowledge_match.is_needed(context)
    report = await knowledge_match.run(context)
    assert report.problem is not None
    assert str(first) in report.problem
    assert report.counts["searched"] >= 2
    left = stocked if stocked.tenant == first else other
    assert left.kb_status(left.vpn) == "PENDING"
