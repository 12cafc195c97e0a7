"""Lists of tickets, their counts, and one ticket with its history."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.apps.autopilot.clusters import Member, NewCluster, NewModel, Verdict
from control_plane.apps.autopilot.store import clusters, models
from control_plane.apps.autopilot.store.list_tickets import count_tickets, list_tickets, read_ticket
from control_plane.apps.autopilot.tickets import TicketFilter
from services.errors import InvalidInput, NotFound, StateConflict
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.trained import write_tickets

OPENED = datetime(2026, 1, 5, 8, tzinfo=UTC)


def write(desk: Helpdesk, count: int, subject: str = "VPN down", status: str = "New") -> None:
    """Tickets T0001, T0002 …, each opened a minute after the one before."""
    desk.run(
        "insert into autopilot.tickets (organization_id, external_id, subject, external_status, source_created_at)"
        " select %s, 'T' || lpad(n::text, 4, '0'), %s, %s, '2026-01-05T08:00Z'::timestamptz + n * interval '1 minute'"
        " from generate_series(1, %s) as n",
        desk.tenant, subject, status, count,
    )  # fmt: skip


def update(desk: Helpdesk, changes: str, number: str) -> None:
    desk.run(
        f"update autopilot.tickets set {changes} where organization_id = %s and external_id = %s",  # noqa: S608
        desk.tenant, number,
    )  # fmt: skip


async def cluster_of(desk: Helpdesk, *numbers: str, name: str = "m1") -> UUID:
    """A cluster of a new active model with these tickets."""
    new = NewCluster(name="Network", centroid=b"\0" * 1024, floor=0.5, cohesion=0.8)
    model, [cluster] = await models.store_model(
        desk.functions, desk.tenant, NewModel(external_model_id=name, model_name=name), [new], actor=WORKER
    )
    await models.activate_model(desk.functions, desk.tenant, model, actor=OLGA)
    members = [Member(ticket_id=ticket(desk, each), cluster_id=cluster, score=0.25) for each in numbers]
    await models.save_members(desk.functions, desk.tenant, model, members)
    return cluster


def ticket(desk: Helpdesk, number: str) -> UUID:
    [[found]] = desk.run(
        "select id from autopilot.tickets where organization_id = %s and external_id = %s", desk.tenant, number
    )
    return UUID(str(found))


async def numbers(desk: Helpdesk, limit: int = 50, **wanted: Any) -> list[list[str]]:
    """The numbers of all pages of a list."""
    pages, before = [], None
    while True:
        page = await list_tickets(desk.functions, desk.tenant, TicketFilter(**wanted), before=before, limit=limit)
        pages.append([each.external_id for each in page.tickets])
        if page.searched_to is None:
            return pages
        before = (page.searched_to.at, page.searched_to.id)


async def test_the_newest_tickets_come_first_and_every_one_once(helpdesk: Helpdesk) -> None:
    write(helpdesk, 5)
    update(helpdesk, "source_created_at = '2026-01-05T08:05Z'", "T0004")  # opened at the same time as T0005
    pages = await numbers(helpdesk, limit=2)
    assert sorted(pages[0]) == ["T0004", "T0005"]
    assert pages[1:] == [["T0003", "T0002"], ["T0001"]]


async def test_lists_of_a_cluster_of_none_of_a_status_of_a_connection_and_by_words(helpdesk: Helpdesk) -> None:
    write(helpdesk, 4)
    connection = await helpdesk.connect()
    cluster = await cluster_of(helpdesk, "T0001", "T0003")
    update(helpdesk, "external_status = 'Closed', subject = 'Printer says PC LOAD LETTER'", "T0003")
    update(helpdesk, f"data_source_connection_id = '{connection.id}'", "T0004")
    for wanted, expected in (
        ({"cluster": cluster}, ["T0003", "T0001"]),
        ({"cluster": cluster, "status": "Closed"}, ["T0003"]),
        ({"unclassified": True}, ["T0004", "T0002"]),
        ({"status": "New"}, ["T0004", "T0002", "T0001"]),
        ({"connection": connection.id}, ["T0004"]),
        ({"search": "load letter"}, ["T0003"]),
        ({"search": "T0002"}, ["T0002"]),
        ({"search": "%"}, []),
        ({"status": "nowhere"}, []),
        ({"cluster": uuid4()}, []),
    ):
        assert await numbers(helpdesk, **wanted) == [expected], wanted
    with pytest.raises(InvalidInput, match="goes without cluster"):
        await numbers(helpdesk, cluster=cluster, unclassified=True)


async def test_a_search_goes_on_after_a_part_without_hits(helpdesk: Helpdesk) -> None:
    write(helpdesk, 6500)
    update(helpdesk, "external_status = 'Closed'", "T0001")
    update(helpdesk, "external_status = 'Closed'", "T5000")
    assert await numbers(helpdesk, status="Closed") == [["T5000"], [], ["T0001"]]


async def test_another_tenant_sees_none_of_it(helpdesk: Helpdesk) -> None:
    write(helpdesk, 1)
    cluster = await cluster_of(helpdesk, "T0001")
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    assert await numbers(other) == [[]]
    assert await numbers(other, cluster=cluster) == [[]]
    assert await numbers(other, search="T0001") == [[]]
    with pytest.raises(NotFound):
        await read_ticket(other.functions, other.tenant, ticket(helpdesk, "T0001"))
    with pytest.raises(NotFound):
        await clusters.read_cluster(other.as_user(), other.tenant, cluster)
    owner = helpdesk.as_user()
    page = await list_tickets(owner, helpdesk.tenant, TicketFilter())
    assert [each.external_id for each in page.tickets] == ["T0001"]


async def test_counts_follow_every_change_whoever_makes_it(helpdesk: Helpdesk) -> None:
    def counted() -> list[tuple[Any, ...]]:
        return helpdesk.run(
            "select cluster_id, external_status, sum(tickets) from autopilot.ticket_counts where organization_id = %s"
            " group by 1, 2 having sum(tickets) <> 0 order by 2, 1",
            helpdesk.tenant,
        )

    def there() -> list[tuple[Any, ...]]:
        return helpdesk.run(
            "select cluster_id, left(external_status, 100), count(*) from autopilot.tickets where organization_id = %s"
            " group by 1, 2 order by 2, 1",
            helpdesk.tenant,
        )

    write(helpdesk, 6)
    assert counted() == there()
    cluster = await cluster_of(helpdesk, "T0001", "T0002", "T0003")
    assert counted() == there()
    update(helpdesk, f"external_status = '{'Closed ' * 100}'", "T0001")
    assert counted() == there()
    helpdesk.run("delete from autopilot.tickets where id = %s", ticket(helpdesk, "T0002"))
    assert counted() == there()
    found = await clusters.read_cluster(helpdesk.functions, helpdesk.tenant, cluster)
    assert (found.tickets, sorted(found.statuses.values())) == (2, [1, 1])
    helpdesk.run("select autopilot.fold_ticket_counts(%s)", helpdesk.tenant)
    assert counted() == there()
    assert len(helpdesk.run("select id from autopilot.ticket_counts where organization_id = %s", helpdesk.tenant)) == 3
    helpdesk.run("delete from autopilot.ml_models where organization_id = %s", helpdesk.tenant)
    assert counted() == there()
    counts = await count_tickets(helpdesk.functions, helpdesk.tenant)
    assert (counts.tickets, counts.unclassified, counts.statuses["New"]) == (5, 5, 4)


async def test_many_statements_leave_few_rows_of_counts(helpdesk: Helpdesk) -> None:
    helpdesk.run(
        "do $$ begin for n in 1 .. 1500 loop insert into autopilot.tickets"  # noqa: S608
        f" (organization_id, external_id, subject, external_status) values ('{helpdesk.tenant}', 'T' || n, 'x', 'New');"
        " end loop; end $$"
    )
    rows = helpdesk.run("select tickets from autopilot.ticket_counts where organization_id = %s", helpdesk.tenant)
    assert sum(tickets for (tickets,) in rows) == 1500
    assert len(rows) < 1100


async def test_a_ticket_has_its_history_pin_and_verdict(helpdesk: Helpdesk) -> None:
    write(helpdesk, 1)
    first = await cluster_of(helpdesk, "T0001")
    second = await cluster_of(helpdesk, "T0001", name="m2")
    id_ = ticket(helpdesk, "T0001")
    await clusters.pin_ticket(helpdesk.functions, helpdesk.tenant, id_, second, actor=OLGA)
    await clusters.judge_ticket(helpdesk.functions, helpdesk.tenant, id_, Verdict.TRUSTED, actor=OLGA)
    found = await read_ticket(helpdesk.functions, helpdesk.tenant, id_)
    assert [(each.model_name, each.cluster_id, each.is_active) for each in found.history] == [
        ("m2", second, True), ("m1", first, False),
    ]  # fmt: skip
    assert found.pin is not None
    assert (found.pin.pinned_by, found.pin.cluster_id) == ("olga", second)
    assert (found.verdict, found.verdict_by, found.cluster_name) == (Verdict.TRUSTED, "olga", "Network")
    assert found.opened_at == OPENED + timedelta(minutes=1)


async def test_a_cluster_shows_its_examples_and_whom_it_is_never_merged_with(helpdesk: Helpdesk) -> None:
    write(helpdesk, 2)
    new = [
        NewCluster(
            name=name, centroid=b"\0" * 1024, floor=0.5, cohesion=0.8,
            examples=[ticket(helpdesk, "T0002"), ticket(helpdesk, "T0001"), uuid4()],
        )
        for name in ("A", "B")
    ]  # fmt: skip
    model, [one, two] = await models.store_model(
        helpdesk.functions, helpdesk.tenant, NewModel(external_model_id="m1", model_name="M"), new, actor=WORKER
    )
    await models.activate_model(helpdesk.functions, helpdesk.tenant, model, actor=OLGA)
    await clusters.forbid_merge(helpdesk.functions, helpdesk.tenant, one, two, actor=OLGA)
    found = await clusters.read_cluster(helpdesk.functions, helpdesk.tenant, one)
    assert [each.external_id for each in found.example_tickets] == ["T0002", "T0001"]
    assert (found.not_merged_with, found.cohesion, found.is_active, found.tickets) == ([two], 0.8, True, 0)


async def test_a_label_is_for_people_and_two_who_name_at_once_do_not_overwrite_each_other(helpdesk: Helpdesk) -> None:
    write(helpdesk, 1)
    cluster = await cluster_of(helpdesk, "T0001")
    before = await clusters.read_cluster(helpdesk.functions, helpdesk.tenant, cluster)
    reviewer = helpdesk.as_user(tenant_role="reviewer")
    named = await clusters.set_label(reviewer, helpdesk.tenant, cluster, "Wi-Fi", etag=before.etag, actor=OLGA)
    assert named.label == "Wi-Fi"
    with pytest.raises(StateConflict, match="changed to Wi-Fi meanwhile"):
        await clusters.set_label(helpdesk.functions, helpdesk.tenant, cluster, "LAN", etag=before.etag, actor=OLGA)
    taken = await clusters.set_label(helpdesk.functions, helpdesk.tenant, cluster, None, actor=OLGA)
    assert taken.label is None
    with pytest.raises(InvalidInput, match="label"):
        await clusters.set_label(helpdesk.functions, helpdesk.tenant, cluster, "x" * 256, actor=OLGA)
    assert helpdesk.audit()[-2:] == ["cluster.labelled", "cluster.labelled"]


async def test_a_ticket_of_a_model_that_is_not_active_is_not_judged(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, [TicketText("T1", "VPN down")])
    cluster = await cluster_of(helpdesk, "T1")
    helpdesk.run("update autopilot.ml_models set active = false where organization_id = %s", helpdesk.tenant)
    with pytest.raises(StateConflict, match="not active"):
        await clusters.judge_ticket(
            helpdesk.functions, helpdesk.tenant, ticket(helpdesk, "T1"), Verdict.TRUSTED, actor=OLGA
        )
    assert await numbers(helpdesk, cluster=cluster) == [["T1"]]
