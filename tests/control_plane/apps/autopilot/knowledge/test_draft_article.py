"""A gap gets an article that is drafted from its tickets, proposed as an envelope, and stored once it was published."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.autopilot.articles import ArticleDraft, DraftStatus, ProposedArticle
from control_plane.apps.autopilot.clusters import NewModel
from control_plane.apps.autopilot.draft_article import draft_article
from control_plane.apps.autopilot.knowledge.match import match_clusters
from control_plane.apps.autopilot.store import article_drafts as store
from control_plane.apps.autopilot.store import articles, models, settlements
from control_plane.apps.autopilot.store.settings import save_settings
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from services.outbox import Disposition
from tests.builders import a_tool
from tests.contract.builders import settled
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.stocked import VPN_ARTICLE, Stocked, stock
from tests.control_plane.apps.autopilot.test_models import a_cluster

MINUTE = timedelta(minutes=1)
PUBLISH = "KB__publish"


@pytest.fixture
async def stocked(helpdesk: Helpdesk) -> Stocked:
    """Both clusters are gaps, and there is a tool that publishes articles."""
    found = await stock(helpdesk)
    await helpdesk.access.operator.catalog.save([a_tool(tenant_id=helpdesk.tenant, tool_slug=PUBLISH)], actor=OLGA)
    await save_settings(helpdesk.functions, helpdesk.tenant, {"article_tool_slug": PUBLISH}, actor=OLGA)
    await match_clusters(helpdesk.functions, helpdesk.tenant, actor=WORKER)
    return found


async def draft(stocked: Stocked, cluster: UUID | None = None) -> ProposedArticle:
    return await draft_article(stocked.desk.access.operator, stocked.tenant, cluster or stocked.vpn, actor=OLGA)


async def settle(stocked: Stocked, to: Disposition, **details: Any) -> None:
    """The worker executes the only envelope that is due, and the job reads how that ended."""
    outbox = stocked.desk.access.operator.outbox
    [claimed] = await outbox.claim("w", limit=1, lease_for=MINUTE, tenant=stocked.tenant)
    assert not (await outbox.settle("w", [settled(claimed, to, **details)])).refused
    assert await settlements.follow(stocked.functions, stocked.tenant) == (1, False)
    assert await settlements.follow(stocked.functions, stocked.tenant) == (0, False)


async def the_draft(stocked: Stocked) -> ArticleDraft:
    [found] = await store.list_drafts(stocked.functions, stocked.tenant)
    return found


async def test_draft_and_envelope_are_proposed_together(stocked: Stocked) -> None:
    proposed = await draft(stocked)
    assert (proposed.title, proposed.ticket_count) == ("VPN", 3)
    assert proposed.content.index("Installed the VPN profile again") < proposed.content.index("Renewed the certificate")
    [(arguments, key, slug)] = stocked.desk.run(
        "select arguments, external_id, tool_slug from outbox where id = %s", proposed.envelope_id
    )
    assert arguments == {"title": "VPN", "content": proposed.content}
    assert (key, slug) == (f"autopilot:article:{proposed.draft_id}", PUBLISH)
    waiting = await the_draft(stocked)
    assert (waiting.status, waiting.cluster_id, waiting.drafted_by) == (DraftStatus.PROPOSED, stocked.vpn, "olga")
    assert stocked.kb_status(stocked.vpn) == "GAP"
    assert "article.drafted" in stocked.desk.audit()


async def test_a_published_article_closes_the_gap_and_is_found(stocked: Stocked) -> None:
    await draft(stocked)
    await settle(stocked, Disposition.SUCCESS, result={"id": "KB-77", "url": "https://kb.example/77"})
    done = await the_draft(stocked)
    assert (done.status, done.problem, done.settled_at is not None) == (DraftStatus.PUBLISHED, None, True)
    assert done.article_id is not None
    whole = await articles.read_article(stocked.functions, stocked.tenant, done.article_id)
    assert (whole.external_id, whole.url, whole.status, whole.content) == (
        "KB-77", "https://kb.example/77", "active", done.content,
    )  # fmt: skip
    assert [(each.cluster_id, each.is_found) for each in whole.links] == [(stocked.vpn, False)]
    assert (stocked.kb_status(stocked.vpn), stocked.kb_status(stocked.badge)) == ("FOUND", "GAP")
    assert (await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)).indexed == 1
    assert ("KB-77", False) in stocked.links(stocked.vpn)
    with pytest.raises(StateConflict, match="an article answers it"):
        await draft(stocked)


async def test_an_edited_call_is_stored_as_it_ran(stocked: Stocked) -> None:
    proposed = await draft(stocked)
    stocked.desk.run(
        "update outbox set arguments = %s where id = %s", '{"title": "VPN profile", "content": "Renew it."}',
        proposed.envelope_id,
    )  # fmt: skip
    await settle(stocked, Disposition.SUCCESS, result={"url": "javascript:alert(1)"})
    done = await the_draft(stocked)
    assert (done.title, done.content) == ("VPN profile", "Renew it.")
    whole = await articles.read_article(stocked.functions, stocked.tenant, done.article_id or UUID(int=0))
    assert (whole.title, whole.content, whole.url) == ("VPN profile", "Renew it.", None)


@pytest.mark.parametrize(
    ("to", "status", "problem"),
    [
        (Disposition.CONFLICT, DraftStatus.FAILED, "conflict"),
        (Disposition.FAILED, DraftStatus.FAILED, "550 no such space"),
        (Disposition.UNKNOWN, DraftStatus.UNKNOWN, "no answer"),
        (Disposition.DENIED, DraftStatus.REJECTED, "rules: never"),
    ],
)
async def test_what_went_wrong_is_kept_and_shown(
    stocked: Stocked, to: Disposition, status: DraftStatus, problem: str
) -> None:
    proposed = await draft(stocked)
    await settle(stocked, to, **({} if problem == "conflict" else {"error": problem, "reason": problem}))
    done = await the_draft(stocked)
    assert (done.status, done.problem, done.article_id) == (status, problem, None)
    assert stocked.kb_status(stocked.vpn) == "GAP"
    [first, _] = await store.list_gaps(stocked.functions, stocked.tenant)
    assert first.draft is not None
    assert (first.draft.id, first.draft.status) == (proposed.draft_id, status)
    if status is DraftStatus.UNKNOWN:
        with pytest.raises(StateConflict, match=f"not decided: envelope {proposed.envelope_id}"):
            await draft(stocked)
    else:
        assert (await draft(stocked)).draft_id != proposed.draft_id


async def test_of_two_people_at_once_one_drafts(stocked: Stocked) -> None:
    both = await asyncio.gather(draft(stocked), draft(stocked), return_exceptions=True)
    assert [type(each) for each in both if isinstance(each, Exception)] == [StateConflict]
    assert (await draft(stocked, stocked.badge)).ticket_count == 2
    assert len(await store.list_drafts(stocked.functions, stocked.tenant)) == 2
    assert len(await store.list_drafts(stocked.functions, stocked.tenant, cluster=stocked.badge)) == 1


async def test_an_article_published_after_a_change_of_models_goes_to_the_same_cluster(stocked: Stocked) -> None:
    [(lineage,)] = stocked.desk.run("select lineage_id from autopilot.clusters where id = %s", stocked.vpn)
    await draft(stocked)
    model, [new] = await models.store_model(
        stocked.functions, stocked.tenant, NewModel(external_model_id="m2", model_name="Two"),
        [a_cluster("Tunnel", lineage_id=lineage)], actor=WORKER,
    )  # fmt: skip
    await models.activate_model(stocked.functions, stocked.tenant, model, actor=OLGA)
    await settle(stocked, Disposition.SUCCESS, result={})
    assert stocked.kb_status(new) == "FOUND"


async def test_without_a_tool_or_a_resolution_nothing_is_drafted(stocked: Stocked) -> None:
    stocked.desk.run("update autopilot.tickets set resolution = 'Done.' where organization_id = %s", stocked.tenant)
    with pytest.raises(StateConflict, match="no resolution"):
        await draft(stocked)
    await save_settings(stocked.functions, stocked.tenant, {"article_tool_slug": "KB__gone"}, actor=OLGA)
    stocked.desk.run("update autopilot.tickets set resolution = 'Reset it.' where organization_id = %s", stocked.tenant)
    with pytest.raises(StateConflict, match="the catalog has no tool KB__gone"):
        await draft(stocked)
    await save_settings(stocked.functions, stocked.tenant, {"article_tool_slug": ""}, actor=OLGA)
    with pytest.raises(StateConflict, match="is not set"):
        await draft(stocked)
    assert await store.list_drafts(stocked.functions, stocked.tenant) == []


async def test_another_tenant_and_members_cannot_draft(stocked: Stocked) -> None:
    other = await open_helpdesk(stocked.desk.access, stocked.desk.url)
    await save_settings(other.functions, other.tenant, {"article_tool_slug": PUBLISH}, actor=OLGA)
    with pytest.raises(NotFound, match="cluster"):
        await draft_article(other.access.operator, other.tenant, stocked.vpn, actor=OLGA)
    words = {"title": "T", "content": "C"}
    call: dict[str, Any] = {
        "cluster": stocked.vpn, "draft": {**words, "ticket_count": 1},
        "envelope": {"id": "acacacac-0000-4000-8000-000000000000", "tool_slug": PUBLISH, "arguments": words},
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        await stocked.desk.as_user(tenant_role="member").call("autopilot.propose_article", **call)
    changed = {**call, "envelope": {**call["envelope"], "arguments": {**words, "to": "x"}}}
    with pytest.raises(InvalidInput, match=r"envelope\.arguments"):
        await stocked.desk.as_user().call("autopilot.propose_article", **changed)


async def test_gaps_are_ranked_by_their_tickets_and_have_costs_and_weeks(stocked: Stocked) -> None:
    found = await store.list_gaps(stocked.functions, stocked.tenant, now=datetime(2026, 1, 8, 23, tzinfo=UTC))
    assert [(each.cluster_id, each.tickets, each.cost) for each in found] == [
        (stocked.vpn, 3, Decimal(0)), (stocked.badge, 2, Decimal(0)),
    ]  # fmt: skip
    assert [each.weeks[-2:] for each in found] == [(0, 3), (0, 1)]
    assert all(len(each.weeks) == 12 for each in found)
    later = await store.list_gaps(stocked.functions, stocked.tenant, now=datetime(2026, 1, 14, tzinfo=UTC))
    assert [each.weeks[-2:] for each in later] == [(3, 0), (0, 2)]
    await save_settings(stocked.functions, stocked.tenant, {"minutes_per_ticket": 20, "cost_per_hour": 60}, actor=OLGA)
    priced = await store.list_gaps(stocked.desk.as_user(tenant_role="member"), stocked.tenant)
    assert [each.cost for each in priced] == [60, 40]
    await stocked.add(VPN_ARTICLE)
    await match_clusters(stocked.functions, stocked.tenant, actor=WORKER)
    assert [each.cluster_id for each in await store.list_gaps(stocked.functions, stocked.tenant)] == [stocked.badge]
