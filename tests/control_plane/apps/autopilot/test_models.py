"""Clusters keep their identity, and what people decided about them, when a model is replaced."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.autopilot.clusters import Member, NewCluster, NewModel, Predecessor, Verdict
from control_plane.apps.autopilot.store import clusters, models
from services.errors import InvalidInput, NotAllowed, StateConflict
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk, a_ticket

OPENED = datetime(2026, 1, 5, tzinfo=UTC)


def a_cluster(name: str, **fields: Any) -> NewCluster:
    return NewCluster(name=name, centroid=b"\0" * 1024, floor=0.5, cohesion=0.8, **fields)


@dataclass
class Trained:
    """A helpdesk with four tickets in two clusters of an active model: three in Network, one in Mail."""

    desk: Helpdesk
    tickets: list[UUID]
    model: UUID
    network: UUID
    mail: UUID

    def lineage(self, cluster: UUID) -> UUID:
        found: UUID = self.desk.run("select lineage_id from autopilot.clusters where id = %s", cluster)[0][0]
        return found

    async def second_model(self, *new: NewCluster, members: list[int]) -> tuple[UUID, list[UUID]]:
        """A stored model. The n-th member is the index of the n-th ticket's cluster."""
        model, ids = await models.store_model(
            self.desk.functions, self.desk.tenant, NewModel(external_model_id="m2", model_name="Two"), new, actor=WORKER
        )
        rows = [Member(ticket_id=self.tickets[n], cluster_id=ids[at], score=0.1) for n, at in enumerate(members)]
        await models.save_members(self.desk.functions, self.desk.tenant, model, rows)
        return model, ids

    async def judge(self, *tickets: UUID, verdict: Verdict | None = Verdict.TRUSTED) -> int:
        """The count of trusted tickets after a verdict about each."""
        judged = [
            await clusters.judge_ticket(self.desk.functions, self.desk.tenant, ticket, verdict, actor=OLGA)
            for ticket in tickets
        ]
        return judged[-1].validation_current

    async def auto_respond(self, cluster: UUID, *, is_on: bool = True) -> dict[str, Any]:
        changed = await clusters.set_auto_respond(
            self.desk.functions, self.desk.tenant, cluster, is_on=is_on, actor=OLGA
        )
        return dict(changed.config)

    def article(self, cluster: UUID, key: str = "KB-1") -> UUID:
        """An article that a workflow wrote."""
        found: UUID = self.desk.run(
            "insert into autopilot.knowledge_articles"
            " (organization_id, cluster_id, external_id, title, relevance_score) values (%s, %s, %s, 'How to', 0.5)"
            " on conflict (organization_id, external_id) do update set cluster_id = excluded.cluster_id,"
            " relevance_score = excluded.relevance_score returning id",
            self.desk.tenant, cluster, key,
        )[0][0]  # fmt: skip
        return found

    def kb_status(self, cluster: UUID) -> str:
        return str(self.desk.run("select kb_status from autopilot.clusters where id = %s", cluster)[0][0])

    def cluster_of(self, ticket: UUID) -> UUID | None:
        found: UUID | None = self.desk.run("select cluster_id from autopilot.tickets where id = %s", ticket)[0][0]
        return found


@pytest.fixture
async def trained(helpdesk: Helpdesk) -> Trained:
    run = await helpdesk.sync((await helpdesk.connect()).id)
    await helpdesk.store(run, *(a_ticket(f"INC{number}", source_created_at=OPENED) for number in range(4)))
    rows = helpdesk.run(
        "select id from autopilot.tickets where organization_id = %s order by external_id", helpdesk.tenant
    )
    tickets = [row[0] for row in rows]
    model, [network, mail] = await models.store_model(
        helpdesk.functions, helpdesk.tenant, NewModel(external_model_id="m1", model_name="One"),
        [a_cluster("Network"), a_cluster("Mail")], actor=WORKER,
    )  # fmt: skip
    members = [Member(ticket_id=each, cluster_id=network if n < 3 else mail) for n, each in enumerate(tickets)]
    await models.save_members(helpdesk.functions, helpdesk.tenant, model, members)
    await models.activate_model(helpdesk.functions, helpdesk.tenant, model, actor=OLGA)
    await helpdesk.functions.call(
        "autopilot.save_settings", tenant=helpdesk.tenant, validation_target=2, actor_id="olga"
    )
    helpdesk.run("update autopilot.clusters set validation_target = 2 where organization_id = %s", helpdesk.tenant)
    return Trained(helpdesk, tickets, model, network, mail)


async def test_an_active_model_places_its_tickets_and_counts_their_days(trained: Trained) -> None:
    listed = await clusters.list_clusters(trained.desk.functions, trained.desk.tenant)
    assert [(each.id, each.tickets) for each in listed] == [(trained.mail, 1), (trained.network, 3)]
    days = trained.desk.run(
        "select cluster_id, day::text, total_tickets from autopilot.analytics_cluster_daily where organization_id = %s",
        trained.desk.tenant,
    )
    assert sorted(days) == sorted([(trained.network, "2026-01-05", 3), (trained.mail, "2026-01-05", 1)])


async def test_a_cluster_that_lives_on_keeps_what_people_decided(trained: Trained) -> None:
    article = trained.article(trained.network)
    trained.desk.note_dry_run(trained.network)
    await trained.judge(*trained.tickets[:2])
    await trained.auto_respond(trained.network)
    trained.desk.run("update autopilot.clusters set label = 'Wi-Fi' where id = %s", trained.network)
    model, [network, _] = await trained.second_model(
        a_cluster("Networking", lineage_id=trained.lineage(trained.network)),
        a_cluster("Printers"),
        members=[0, 1, 0, 1],
    )
    before = trained.cluster_of(trained.tickets[0])
    switched = await models.activate_model(trained.desk.functions, trained.desk.tenant, model, actor=OLGA)
    assert (before, switched.previous_model_id) == (trained.network, trained.model)
    [_, found] = await clusters.list_clusters(trained.desk.functions, trained.desk.tenant)
    assert (found.id, found.label, found.config, found.kb_status, found.tickets, found.articles) == (
        network, "Wi-Fi", {"auto_respond": True}, "FOUND", 2, 1,
    )  # fmt: skip
    assert found.validation_current == 1  # the other trusted ticket went to Printers
    moved = trained.desk.run("select cluster_id from autopilot.knowledge_articles where id = %s", article)
    assert moved == [(network,)]


async def test_a_rollback_brings_the_clusters_back_with_what_was_decided_since(trained: Trained) -> None:
    model, [network] = await trained.second_model(
        a_cluster("All", lineage_id=trained.lineage(trained.network)), members=[0, 0, 0, 0]
    )
    await models.activate_model(trained.desk.functions, trained.desk.tenant, model, actor=OLGA)
    trained.desk.run("update autopilot.clusters set label = 'Wi-Fi' where id = %s", network)
    back = await models.roll_back_model(trained.desk.functions, trained.desk.tenant, actor=OLGA)
    assert (back.model_id, back.previous_model_id) == (trained.model, model)
    assert [trained.cluster_of(each) for each in trained.tickets] == [trained.network] * 3 + [trained.mail]
    assert trained.desk.run("select label from autopilot.clusters where id = %s", trained.network) == [("Wi-Fi",)]
    with pytest.raises(StateConflict, match="no model was active before"):
        await models.roll_back_model(trained.desk.functions, trained.desk.tenant, actor=OLGA)
    assert trained.desk.audit()[-2:] == ["model.activated", "model.rolled_back"]


async def test_a_merged_cluster_gets_the_articles_of_both(trained: Trained) -> None:
    trained.article(trained.network), trained.article(trained.mail, "KB-2")
    kin = [Predecessor(lineage_id=trained.lineage(each), kind="merge") for each in (trained.network, trained.mail)]
    model, [merged] = await trained.second_model(a_cluster("All", predecessors=kin), members=[0, 0, 0, 0])
    await models.activate_model(trained.desk.functions, trained.desk.tenant, model, actor=OLGA)
    [found] = await clusters.list_clusters(trained.desk.functions, trained.desk.tenant)
    assert (found.id, found.articles, found.kb_status, found.config) == (merged, 2, "FOUND", {})


async def test_a_ticket_that_came_after_the_training_follows_its_cluster(trained: Trained) -> None:
    model, [network] = await trained.second_model(
        a_cluster("Net", lineage_id=trained.lineage(trained.network)), members=[0]
    )
    await models.activate_model(trained.desk.functions, trained.desk.tenant, model, actor=OLGA)
    assert [trained.cluster_of(each) for each in trained.tickets] == [network] * 3 + [None]


async def test_a_pinned_ticket_stays_in_its_cluster_whatever_the_model_says(trained: Trained) -> None:
    pinned = trained.tickets[3]
    await clusters.pin_ticket(trained.desk.functions, trained.desk.tenant, pinned, trained.network, actor=OLGA)
    assert trained.cluster_of(pinned) == trained.network
    model, [network, _] = await trained.second_model(
        a_cluster("Net", lineage_id=trained.lineage(trained.network)), a_cluster("Mail"), members=[0, 0, 0, 1]
    )
    await models.activate_model(trained.desk.functions, trained.desk.tenant, model, actor=OLGA)
    assert trained.cluster_of(pinned) == network


async def test_a_workflows_clusters_live_on_by_their_names(trained: Trained) -> None:
    trained.desk.run(
        "insert into autopilot.ml_models (organization_id, external_model_id, model_name) values (%s, 'w', 'W')",
        trained.desk.tenant,
    )
    [[model, cluster]] = trained.desk.run(
        "insert into autopilot.clusters (organization_id, model_id, name) select organization_id, id, 'Network'"
        " from autopilot.ml_models where organization_id = %s and external_model_id = 'w' returning model_id, id",
        trained.desk.tenant,
    )
    lineage = trained.lineage(trained.network)
    await models.activate_model(trained.desk.functions, trained.desk.tenant, model, actor=OLGA)
    assert trained.lineage(cluster) == lineage
    assert trained.cluster_of(trained.tickets[0]) == cluster


async def test_automation_needs_knowledge_four_of_five_trusted_and_a_dry_run(trained: Trained) -> None:
    with pytest.raises(StateConflict, match="no knowledge"):
        await trained.auto_respond(trained.network)
    trained.article(trained.network)
    assert await trained.judge(trained.tickets[0]) == 1
    with pytest.raises(StateConflict, match="80 % of 2 must be trusted"):
        await trained.auto_respond(trained.network)
    assert await trained.judge(trained.tickets[1]) == 2
    await trained.judge(trained.tickets[2], verdict=Verdict.WRONG)
    with pytest.raises(StateConflict, match="trust 2 of its tickets and find 1 wrong"):
        await trained.auto_respond(trained.network)
    await trained.judge(trained.tickets[2], verdict=None)
    with pytest.raises(StateConflict, match="cluster: no dry-run has ended"):
        await trained.auto_respond(trained.network)
    trained.desk.note_dry_run(trained.network)
    trained.article(trained.network, "KB-2")
    with pytest.raises(StateConflict, match="no dry-run has ended with its present articles"):
        await trained.auto_respond(trained.network)
    trained.desk.note_dry_run(trained.network)
    assert await trained.auto_respond(trained.network) == {"auto_respond": True}
    assert await trained.auto_respond(trained.network, is_on=False) == {"auto_respond": False}


async def test_reviewers_judge_and_only_owners_automate_and_activate(trained: Trained) -> None:
    reviewer = trained.desk.as_user(tenant_role="reviewer")
    judged = await clusters.judge_ticket(reviewer, trained.desk.tenant, trained.tickets[0], Verdict.TRUSTED, actor=OLGA)
    assert judged.validation_current == 1
    for call in (
        clusters.set_auto_respond(reviewer, trained.desk.tenant, trained.network, is_on=False, actor=OLGA),
        models.activate_model(reviewer, trained.desk.tenant, trained.model, actor=OLGA),
    ):
        with pytest.raises(NotAllowed):
            await call


async def test_clusters_that_may_not_be_merged_are_one_pair_in_any_order(trained: Trained) -> None:
    one, two = trained.network, trained.mail
    await clusters.forbid_merge(trained.desk.functions, trained.desk.tenant, one, two, actor=OLGA)
    await clusters.forbid_merge(trained.desk.functions, trained.desk.tenant, two, one, actor=OLGA)
    count = "select count(*) from autopilot.cannot_links where organization_id = %s"
    assert trained.desk.run(count, trained.desk.tenant) == [(1,)]
    await clusters.forbid_merge(trained.desk.functions, trained.desk.tenant, two, one, is_forbidden=False, actor=OLGA)
    assert trained.desk.run(count, trained.desk.tenant) == [(0,)]
    with pytest.raises(InvalidInput):
        await clusters.forbid_merge(trained.desk.functions, trained.desk.tenant, one, one, actor=OLGA)


# ----------------------------------------------------------------------------------------------------------------
# Articles
# ----------------------------------------------------------------------------------------------------------------


async def test_the_published_upsert_moves_an_article_and_its_former_cluster_keeps_it(trained: Trained) -> None:
    article = trained.article(trained.network)
    assert (trained.kb_status(trained.network), trained.kb_status(trained.mail)) == ("FOUND", "PENDING")
    trained.article(trained.mail)
    links = trained.desk.run("select cluster_id from autopilot.article_clusters where article_id = %s", article)
    assert sorted(links) == sorted([(trained.network,), (trained.mail,)])
    assert (trained.kb_status(trained.network), trained.kb_status(trained.mail)) == ("FOUND", "FOUND")


@pytest.mark.parametrize("status", ["archived", "broken"])
async def test_clusters_become_gaps_when_their_last_article_goes_and_are_found_when_it_is_back(
    trained: Trained, status: str
) -> None:
    article = trained.article(trained.network)
    trained.article(trained.mail)
    for word, expected in ((status, "GAP"), ("active", "FOUND")):
        await trained.desk.functions.call(
            "autopilot.set_article_status", tenant=trained.desk.tenant, article=article, status=word, actor_id="olga"
        )
        assert {trained.kb_status(trained.network), trained.kb_status(trained.mail)} == {expected}
    gaps = "select sum(kb_gap_count) from autopilot.analytics_cluster_daily where organization_id = %s"
    trained.desk.run("delete from autopilot.knowledge_articles where id = %s", article)
    assert {trained.kb_status(trained.network), trained.kb_status(trained.mail)} == {"GAP"}
    assert trained.desk.run(gaps, trained.desk.tenant) == [(4,)]


async def test_a_search_replaces_only_its_own_links(trained: Trained) -> None:
    article, other = trained.article(trained.mail), trained.article(trained.network, "KB-2")
    functions, tenant = trained.desk.functions, trained.desk.tenant
    links = (
        "select article_id, score, is_found from autopilot.article_clusters where cluster_id = %s order by score desc"
    )
    found = await clusters.save_matches(functions, tenant, trained.network, {article: 0.7}, actor=WORKER)
    assert found.kb_status == "FOUND"
    assert trained.desk.run(links, trained.network) == [(article, 0.7, True), (other, 0.5, False)]
    await clusters.save_matches(functions, tenant, trained.network, {}, actor=WORKER)
    assert trained.desk.run(links, trained.network) == [(other, 0.5, False)]


async def test_a_search_without_a_result_ends_pending(trained: Trained) -> None:
    searched = await clusters.save_matches(trained.desk.functions, trained.desk.tenant, trained.mail, {}, actor=WORKER)
    assert searched.kb_status == "GAP"
