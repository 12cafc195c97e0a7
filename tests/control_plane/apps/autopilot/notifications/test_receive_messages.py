"""Each message is recorded once, in order, and one that is wrong becomes a failure."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from control_plane.apps.autopilot.jobs import message_redrives
from control_plane.apps.autopilot.runs import Failure
from control_plane.apps.autopilot.store import runs
from control_plane.apps.autopilot.store.failures import list_failures, list_redrives, read_failure, redrive_failure
from control_plane.apps.autopilot.store.messages import (
    ReceivedCounts,
    list_messages,
    message_heads,
    read_messages,
    receive_messages,
)
from services.errors import InvalidInput, NotFound
from tests.builders import system
from tests.control_plane.apps.autopilot.contexts import a_context
from tests.control_plane.apps.autopilot.helpdesk import OLGA, Helpdesk, open_helpdesk

READER = system("autopilot_notifications")
STATUS, CLUSTER, ENRICHMENT = "data_source_status", "cluster_notification", "enrichment_notification"


async def a_run(desk: Helpdesk) -> UUID:
    return (await runs.start_sync(desk.functions, desk.tenant, (await desk.connect()).id, actor=OLGA)).id


def a_cluster(desk: Helpdesk) -> UUID:
    [(cluster,)] = desk.run(
        "with m as (insert into autopilot.ml_models (organization_id, external_model_id, model_name)"
        " values (%s, gen_random_uuid()::text, 'One') returning *)"
        " insert into autopilot.clusters (organization_id, model_id, name) select m.organization_id, m.id, 'Mail'"
        " from m returning id",
        desk.tenant,
    )
    found: UUID = cluster
    return found


def status(desk: Helpdesk, run: UUID, **fields: Any) -> dict[str, Any]:
    return {
        "type": "ticket_ingestion", "tenant_id": str(desk.tenant), "user_id": "rita", "ingestion_run_id": str(run),
        "status": "running", "records_processed": 5, **fields,
    }  # fmt: skip


async def receive(desk: Helpdesk, queue: str, *messages: dict[str, Any], keys: str = "abcdefgh") -> ReceivedCounts:
    rows = [{"key": key, "message": message} for key, message in zip(keys, messages, strict=False)]
    return await receive_messages(desk.functions, desk.tenant, queue, rows, actor=READER)


async def failures(desk: Helpdesk) -> list[Failure]:
    return await list_failures(desk.functions, desk.tenant)


async def test_a_message_counts_once_and_only_the_fields_of_the_contract_are_kept(helpdesk: Helpdesk) -> None:
    run = await a_run(helpdesk)
    message = status(helpdesk, run)
    assert await receive(helpdesk, STATUS, {**message, "more": "x" * 60_000}) == ReceivedCounts(received=1)
    assert await receive(helpdesk, STATUS, message) == ReceivedCounts(repeated=1)
    [found] = await list_messages(helpdesk.functions, helpdesk.tenant, limit=10)
    assert (found.seq, found.queue, found.subject_id, found.payload) == (1, STATUS, run, message)
    assert await message_heads(helpdesk.functions, [helpdesk.tenant, uuid4()]) == {helpdesk.tenant: 1}


async def test_a_reader_gets_the_newest_message_of_each_subject(helpdesk: Helpdesk) -> None:
    run, cluster = await a_run(helpdesk), a_cluster(helpdesk)
    steps = [status(helpdesk, run, records_processed=n) for n in (1, 2, 3)]
    await receive(helpdesk, STATUS, *steps)
    told = {"type": CLUSTER, "tenant_id": str(helpdesk.tenant), "cluster_id": str(cluster), "action": "created"}
    await receive(helpdesk, CLUSTER, told, keys="x")
    page = await read_messages(helpdesk.as_user(), helpdesk.tenant, after=0)
    assert [(each.seq, each.subject_id) for each in page.items] == [(3, run), (4, cluster)]
    assert (page.first, page.last, page.items[0].payload["records_processed"]) == (1, 4, 3)
    assert (await read_messages(helpdesk.as_user(), helpdesk.tenant, after=4)).items == []
    assert (await read_messages(helpdesk.as_user(), helpdesk.tenant, after=None)).items == []


async def test_no_tenant_reads_the_messages_of_another(helpdesk: Helpdesk) -> None:
    await receive(helpdesk, STATUS, status(helpdesk, await a_run(helpdesk)))
    stranger = (await open_helpdesk(helpdesk.access, helpdesk.url)).as_user()
    for read in (read_messages(stranger, helpdesk.tenant, after=0), list_messages(stranger, helpdesk.tenant, limit=10)):
        with pytest.raises(NotFound):
            await read


async def test_a_state_that_comes_back_is_news_even_without_an_id(helpdesk: Helpdesk) -> None:
    cluster = a_cluster(helpdesk)
    on, off = (
        {"type": CLUSTER, "tenant_id": str(helpdesk.tenant), "cluster_id": str(cluster), "action": action}
        for action in ("enabled", "disabled")
    )

    async def send(message: dict[str, Any]) -> ReceivedCounts:
        row = {"key": f"sha256:{message['action']}", "message": message}
        return await receive_messages(helpdesk.functions, helpdesk.tenant, CLUSTER, [row], actor=READER)

    for message, counts in ((on, "received"), (on, "repeated"), (off, "received"), (on, "received")):
        assert await send(message) == ReceivedCounts(**{counts: 1})
    [newest] = (await read_messages(helpdesk.functions, helpdesk.tenant, after=0)).items
    assert (newest.seq, newest.payload["action"]) == (3, "enabled")


@pytest.mark.parametrize(
    ("queue", "change", "reason"),
    [
        (STATUS, {"type": "other"}, "type: must be ticket_ingestion"),
        (STATUS, {"status": "done"}, "status: must be pending"),
        (STATUS, {"records_processed": -1}, "records_processed: must be a whole number"),
        (STATUS, {"records_processed": "7"}, "records_processed: must be a whole number"),
        (STATUS, {"user_id": {"id": 1}}, "user_id: must be a text"),
        (STATUS, {"ingestion_run_id": "1"}, "ingestion_run_id: must be a UUID"),
        (STATUS, {"ingestion_run_id": str(UUID(int=7))}, f"no run {UUID(int=7)}"),
        (STATUS, {"tenant_id": str(UUID(int=7))}, "tenant_id: it is not this tenant"),
        (CLUSTER, {"action": "Drop it!"}, "action: must be a word"),
        (CLUSTER, {"cluster_id": str(UUID(int=7))}, f"no cluster {UUID(int=7)}"),
        (ENRICHMENT, {"kb_status": "found"}, "kb_status: must be PENDING, FOUND or GAP"),
        (ENRICHMENT, {"articles_count": 1.5}, "articles_count: must be a whole number"),
    ],
)
async def test_a_message_that_is_wrong_becomes_a_failure_once(
    helpdesk: Helpdesk, queue: str, change: dict[str, Any], reason: str
) -> None:
    message = {
        **status(helpdesk, UUID(int=1)), "cluster_id": str(a_cluster(helpdesk)), "action": "created",
        "kb_status": "GAP", "articles_count": 0, "type": "ticket_ingestion", **change,
    }  # fmt: skip
    if queue == STATUS and "ingestion_run_id" not in change:
        message["ingestion_run_id"] = str(await a_run(helpdesk))
    assert await receive(helpdesk, queue, message) == ReceivedCounts(failed=1)
    assert await receive(helpdesk, queue, message) == ReceivedCounts(repeated=1)
    [listed] = await failures(helpdesk)
    failure = await read_failure(helpdesk.functions, helpdesk.tenant, listed.id)
    assert (failure.source, failure.external_id, failure.payload) == (queue, "a", message)
    assert reason in failure.detail
    assert await list_messages(helpdesk.functions, helpdesk.tenant, limit=10) == []


async def test_the_run_of_another_tenant_is_unknown(helpdesk: Helpdesk) -> None:
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    await receive(helpdesk, STATUS, status(helpdesk, await a_run(other)))
    [failure] = await failures(helpdesk)
    assert failure.code == "run_unknown"


async def test_a_wrong_message_does_not_stop_the_others(helpdesk: Helpdesk) -> None:
    right = status(helpdesk, await a_run(helpdesk))
    assert await receive(helpdesk, STATUS, right, {**right, "status": "?"}, right) == ReceivedCounts(
        received=2, failed=1
    )


async def test_a_failure_is_processed_again_when_its_reason_is_gone(helpdesk: Helpdesk) -> None:
    cluster, desk = uuid4(), helpdesk
    told = {"type": CLUSTER, "tenant_id": str(desk.tenant), "cluster_id": str(cluster), "action": "created"}
    await receive(desk, CLUSTER, told)
    [failure] = await failures(desk)
    context = a_context(desk, tenant=desk.tenant)
    assert not await message_redrives.is_needed(context)
    reviewer = desk.as_user(tenant_role="reviewer")
    await redrive_failure(reviewer, desk.tenant, failure.id, actor=OLGA)
    assert (await message_redrives.run(context)).counts == {"redriven": 0, "failed": 1}
    assert not await message_redrives.is_needed(context)

    desk.run("update autopilot.clusters set id = %s where id = %s", cluster, a_cluster(desk))
    await redrive_failure(reviewer, desk.tenant, failure.id, actor=OLGA)
    assert await message_redrives.is_needed(context)
    assert (await message_redrives.run(context)).counts == {"redriven": 1, "failed": 0}
    [found] = await list_messages(desk.functions, desk.tenant, limit=10)
    assert found.payload == told
    assert (await message_redrives.run(context)).counts == {"redriven": 0, "failed": 0}


async def test_the_many_redrives_of_a_tenant_do_not_delay_another_tenant(helpdesk: Helpdesk) -> None:
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    for desk, count in ((helpdesk, 3), (other, 1)):
        await receive(desk, STATUS, *(status(desk, uuid4()) for _ in range(count)))
        for failure in await failures(desk):
            await redrive_failure(desk.functions, desk.tenant, failure.id, actor=OLGA)
    waiting = await list_redrives(helpdesk.functions, [STATUS], limit=2)
    assert [each.organization_id for each in waiting] == [helpdesk.tenant, other.tenant]


async def test_marks_are_kept_for_a_week_and_the_newest_for_longer(helpdesk: Helpdesk) -> None:
    run = await a_run(helpdesk)
    await receive(helpdesk, STATUS, status(helpdesk, run), status(helpdesk, run, status="completed"))
    age = "update autopilot.received_messages set created_at = now() - interval '8 days' where organization_id = %s"
    helpdesk.run(age, helpdesk.tenant)
    await receive(helpdesk, STATUS, {}, keys="x")
    assert [each.seq for each in await list_messages(helpdesk.functions, helpdesk.tenant, limit=10)] == [2]


async def test_unknown_tenants_and_queues_are_refused(helpdesk: Helpdesk) -> None:
    with pytest.raises(NotFound):
        await receive_messages(helpdesk.functions, uuid4(), STATUS, [], actor=READER)
    with pytest.raises(InvalidInput, match="queue"):
        await receive_messages(helpdesk.functions, helpdesk.tenant, "other", [], actor=READER)
