"""New tickets, and those whose text changed, join the nearest cluster of the active model, or wait for a training."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.autopilot.classify_tickets import Classified, classify_tickets
from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.apps.autopilot.store import models, tickets
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk, kind_of, tickets_of
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk
from tests.control_plane.apps.autopilot.trained import activate_trained, placed, write_tickets

ODD = TicketText("odd-1", "Zebra crossing", "Penguins in the zoo eat fish")
TRAINED = a_help_desk(20, ["vpn", "printer"])


async def waiting(desk: Helpdesk) -> int:
    return len(await tickets.list_tickets_to_classify(desk.functions, desk.tenant, after=UUID(int=0)))


async def test_new_tickets_join_the_cluster_of_their_kind_or_wait_for_the_next_training(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, [*tickets_of("vpn", 3), *tickets_of("printer", 3), ODD])
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified(placed=6, unclassified=1)
    found = placed(helpdesk)
    names = {kind: {name for key, name in found.items() if kind_of(key) == kind} for kind in ("vpn", "printer", "odd")}
    assert names["odd"] == {None}
    assert None not in names["vpn"] | names["printer"]
    assert not names["vpn"] & names["printer"]
    assert await waiting(helpdesk) == 0
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified()


async def test_a_ticket_whose_text_changed_moves_and_its_days_are_counted_again(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, TRAINED)
    vpn, printer = tickets_of("vpn", 2), tickets_of("printer", 2)
    write_tickets(helpdesk, [*vpn, *printer])
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    write_tickets(helpdesk, [replace(printer[0], key=vpn[0].key)])
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified(placed=1)
    assert placed(helpdesk)[vpn[0].key] == placed(helpdesk)[printer[0].key]
    counted = helpdesk.run(
        "select cluster_id, total_tickets from autopilot.analytics_cluster_daily"
        " where organization_id = %s and total_tickets > 0 order by 1",
        helpdesk.tenant,
    )
    there = helpdesk.run(
        "select cluster_id, count(*) from autopilot.tickets where organization_id = %s group by 1 order by 1",
        helpdesk.tenant,
    )
    assert counted == there
    write_tickets(helpdesk, [replace(ODD, key=vpn[0].key)])
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert placed(helpdesk)[vpn[0].key] is None


async def test_a_score_is_the_distance_to_the_centre(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, TRAINED)
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    [[mean, least]] = helpdesk.run(
        "select avg(1 - score), min(score) from autopilot.tickets where organization_id = %s", helpdesk.tenant
    )
    [[cohesion]] = helpdesk.run(
        "select avg(cohesion) from autopilot.cluster_centroids where organization_id = %s", helpdesk.tenant
    )
    assert mean == pytest.approx(cohesion, abs=0.01)
    assert least > 0


async def test_more_tickets_than_a_page_and_a_cut_text_are_classified(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, TRAINED)
    [vpn] = tickets_of("vpn", 1)
    long = vpn.description * 7000
    write_tickets(helpdesk, [TicketText(f"long-{n}", vpn.subject, long) for n in range(5)])
    assert 1 <= await waiting(helpdesk) < 5
    helpdesk.run(
        "insert into autopilot.tickets (organization_id, external_id, subject, external_status)"
        " select %s, 'copy-' || n, %s, 'New' from generate_series(1, 600) as n",
        helpdesk.tenant, vpn.subject,
    )  # fmt: skip
    counts = await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert (counts.placed + counts.unclassified, await waiting(helpdesk)) == (605, 0)


async def test_without_a_model_tickets_wait(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, tickets_of("vpn", 3))
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified()
    assert await waiting(helpdesk) == 3


@pytest.mark.parametrize(
    "texts",
    [
        [TicketText(key, "VPN client drops every hour", "home office router") for key in ("A", "B", "C")],
        [TicketText("blank", " ", "\n"), TicketText("number", "#4711", "12:30")],
        [TicketText("de", "Die VPN-Verbindung bricht ab", "Der Router"), TicketText("zh", "打印机不工作", "")],
    ],
)
async def test_texts_that_are_alike_or_say_nothing_are_classified_once(
    helpdesk: Helpdesk, texts: list[TicketText]
) -> None:
    await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, texts)
    counts = await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert counts.placed + counts.unclassified == len(texts)
    assert await waiting(helpdesk) == 0


async def test_a_cluster_that_a_workflow_wrote_stays(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, [ODD])
    helpdesk.run(
        "update autopilot.tickets as t set cluster_id = (select min(id::text)::uuid from autopilot.clusters as c"
        " where c.organization_id = t.organization_id) where organization_id = %s",
        helpdesk.tenant,
    )
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified()
    assert placed(helpdesk)["odd-1"] is not None


async def test_a_pinned_ticket_stays_where_people_put_it_when_its_text_changes(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, [*tickets_of("vpn", 1), *tickets_of("printer", 1)])
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    before = placed(helpdesk)
    [[ticket, cluster]] = helpdesk.run(
        "select id, cluster_id from autopilot.tickets where organization_id = %s and external_id = 'vpn-0000'",
        helpdesk.tenant,
    )
    await helpdesk.functions.call(
        "autopilot.pin_ticket", tenant=helpdesk.tenant, ticket=ticket, cluster=cluster, actor_id="olga"
    )
    write_tickets(helpdesk, [replace(tickets_of("printer", 1)[0], key="vpn-0000")])
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert placed(helpdesk) == before


async def change_while_classifying(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Do something after the first page was read and before it is saved."""
    read = tickets.list_tickets_to_classify
    done: list[bool] = []

    async def read_and_change(*args: Any, **options: Any) -> Any:
        page = await read(*args, **options)
        if not done:
            done.append(True)
            await change()
        return page

    monkeypatch.setattr(tickets, "list_tickets_to_classify", read_and_change)


async def test_a_model_that_is_deleted_while_its_tickets_are_classified_ends_the_classification(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, tickets_of("vpn", 3))

    async def delete() -> None:
        helpdesk.run("delete from autopilot.ml_models where id = %s", model)

    await change_while_classifying(monkeypatch, delete)
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified()
    assert await waiting(helpdesk) == 3


async def test_a_model_that_is_replaced_meanwhile_hands_over_to_the_new_one(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await activate_trained(helpdesk, TRAINED)
    write_tickets(helpdesk, tickets_of("vpn", 3))

    async def replace_model() -> None:
        await activate_trained(helpdesk, TRAINED, "m2")

    await change_while_classifying(monkeypatch, replace_model)
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified(placed=3)
    models_of = helpdesk.run(
        "select distinct m.external_model_id from autopilot.tickets as t"
        " join autopilot.clusters as c on c.id = t.cluster_id join autopilot.ml_models as m on m.id = c.model_id"
        " where t.organization_id = %s",
        helpdesk.tenant,
    )
    assert models_of == [("m2",)]


async def test_a_text_that_changes_while_it_is_classified_is_classified_again(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await activate_trained(helpdesk, TRAINED)
    vpn, printer = tickets_of("vpn", 1), tickets_of("printer", 1)
    write_tickets(helpdesk, vpn)

    async def rewrite() -> None:
        write_tickets(helpdesk, [replace(printer[0], key=vpn[0].key)])

    await change_while_classifying(monkeypatch, rewrite)
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert (placed(helpdesk), await waiting(helpdesk)) == ({vpn[0].key: None}, 1)


async def test_the_tickets_of_a_new_model_are_classified_again(helpdesk: Helpdesk) -> None:
    await activate_trained(helpdesk, a_help_desk(20, ["vpn"]))
    write_tickets(helpdesk, tickets_of("printer", 3))
    await classify_tickets(helpdesk.functions, helpdesk.tenant)
    assert set(placed(helpdesk).values()) == {None}
    await activate_trained(helpdesk, a_help_desk(20, ["printer"]), "m2")
    assert await classify_tickets(helpdesk.functions, helpdesk.tenant) == Classified(placed=3)
    await models.roll_back_model(helpdesk.functions, helpdesk.tenant, actor=OLGA)
    assert set(placed(helpdesk).values()) == {None}
