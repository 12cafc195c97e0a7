"""Near-duplicates are open tickets of one cluster that say nearly the same."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np

from control_plane.apps.autopilot.insight.near_duplicates import find_duplicates, list_near_duplicates
from control_plane.apps.autopilot.store.insight import OpenTicket
from tests.control_plane.apps.autopilot.insight.conftest import Clustered

NOW = datetime(2026, 2, 16, 12, tzinfo=UTC)


def tickets(count: int) -> list[OpenTicket]:
    """Tickets of one cluster, the newest first, as the database gives them."""
    cluster = uuid4()
    return [
        OpenTicket(
            id=UUID(int=number), external_id=f"INC{number}", subject="", description=None, cluster_id=cluster,
            opened_at=NOW + timedelta(minutes=number),
        )
        for number in range(count, 0, -1)
    ]  # fmt: skip


def directions(*degrees: float) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_a_chain_of_alike_tickets_is_not_one_group() -> None:
    found = find_duplicates(tickets(4), directions(45, 30, 15, 0))
    assert [[each.external_id for each in group.tickets] for group in found] == [["INC1", "INC2"], ["INC3", "INC4"]]
    assert [each.similarity for each in found[0].tickets] == [1.0, 0.966]


def test_tickets_without_words_have_no_duplicates() -> None:
    assert find_duplicates(tickets(3), np.zeros((3, 2), np.float32)) == []
    assert find_duplicates([], np.zeros((0, 2), np.float32)) == []


async def test_open_tickets_of_the_same_cluster_are_compared(world: Clustered) -> None:
    recent = [NOW - timedelta(hours=hours) for hours in (5, 4, 3)]
    world.open_tickets(world.mail, recent, subject="Outlook does not open my mailbox")
    world.open_tickets(world.network, recent[:1], subject="Outlook does not open my mailbox")
    world.open_tickets(world.mail, recent[:1], subject="Printer is out of paper")
    world.open_tickets(world.mail, recent, subject="Outlook does not open my mailbox", solved_within=timedelta(hours=1))
    world.open_tickets(world.mail, recent, subject="Outlook does not open my mailbox", status="Closed")
    world.open_tickets(world.mail, [NOW - timedelta(days=9)], subject="Outlook does not open my mailbox")
    [group] = await list_near_duplicates(world.desk.as_user(), world.desk.tenant, within=timedelta(days=7), now=NOW)
    assert group.cluster_id == world.mail
    assert [each.opened_at for each in group.tickets] == recent
    assert [each.similarity for each in group.tickets] == [1.0, 1.0, 1.0]
    for cluster, count in ((world.mail, 1), (world.network, 0)):
        found = await list_near_duplicates(
            world.desk.functions, world.desk.tenant, within=timedelta(days=7), now=NOW, cluster=cluster
        )
        assert len(found) == count


async def test_a_mapped_status_says_what_is_open(world: Clustered) -> None:
    connection = await world.desk.connect()
    world.open_tickets(world.mail, [NOW, NOW], subject="Outlook does not open", status="Parked")
    world.desk.run(
        "update autopilot.tickets set data_source_connection_id = %s where organization_id = %s",
        connection.id, world.desk.tenant,
    )  # fmt: skip
    within = timedelta(days=7)
    assert len(await list_near_duplicates(world.desk.functions, world.desk.tenant, within=within, now=NOW)) == 1
    world.desk.run(
        "insert into autopilot.value_mappings (organization_id, connection_type, field, source_value, value)"
        " values (%s, 'servicenow', 'status', 'parked', 'closed')",
        world.desk.tenant,
    )
    assert await list_near_duplicates(world.desk.functions, world.desk.tenant, within=within, now=NOW) == []
