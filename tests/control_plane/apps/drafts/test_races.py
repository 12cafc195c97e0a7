"""Many senders deliver at once, in any order and again and again: nothing is lost, doubled or drafted twice."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count
from uuid import uuid4

import psycopg
import pytest

from control_plane.apps.drafts.inbound import InboundMessage
from control_plane.apps.drafts.request_drafts import request_drafts
from control_plane.apps.drafts.values import DraftDecision
from services.backends.open import postgres_access
from services.errors import ControlPlaneError, DecisionConflict
from tests.control_plane.apps.drafts.desk import DRAFTER, Desk, a_message, open_desk
from tests.worker.world import eventually

SENDERS = 16
THREAD = 8
"""Mails in each thread."""


@pytest.fixture
async def busy_desk(module_database_url: str) -> AsyncIterator[Desk]:
    """A desk with a connection for each sender."""
    async with postgres_access(module_database_url, pool_size=SENDERS) as access:
        yield await open_desk(access, module_database_url)


def a_thread() -> list[InboundMessage]:
    """Mails that each answer the one before and name the first."""
    ids = [f"<{place}.{uuid4()}@customer.example>" for place in range(THREAD)]
    return [
        a_message(
            external_id=ids[place], conversation_keys=tuple(reversed(ids[:place])), conversation_external_id=ids[0],
            text=f"Part {place}",
        )
        for place in range(THREAD)
    ]  # fmt: skip


@pytest.mark.parametrize("threads", [12, pytest.param(120, marks=pytest.mark.slow)])
async def test_reordered_and_repeated_deliveries_of_many_senders(busy_desk: Desk, threads: int) -> None:
    mails = [mail for _ in range(threads) for mail in a_thread()]
    order = random.Random(7)  # noqa: S311  # the same order in each run
    deliveries = mails + order.sample(mails, len(mails) * 3 // 10)
    order.shuffle(deliveries)
    left = iter(deliveries)

    async def send() -> int:
        return sum([(await busy_desk.receive(mail)).created for mail in left])

    created = await asyncio.gather(*(send() for _ in range(SENDERS)))
    assert sum(created) == len(mails)
    stored = busy_desk.run(
        "select count(*), count(distinct external_id), count(distinct conversation_id) from drafts.messages"
        " where tenant_id = %s",
        busy_desk.tenant,
    )
    assert stored == [(len(mails), len(mails), threads)]
    drafted = 0
    while written := await busy_desk.draft(limit=50):
        drafted += len(written)
    assert drafted == threads


async def test_one_draft_waits_at_the_end_although_drafts_are_written_meanwhile(busy_desk: Desk) -> None:
    mails, done = a_thread(), asyncio.Event()
    busy_desk.run("insert into drafts.settings (tenant_id, quiet_seconds) values (%s, 0)", busy_desk.tenant)

    async def write() -> None:
        while not done.is_set():
            await request_drafts(busy_desk.backends, busy_desk.scribe, actor=DRAFTER, tenant=busy_desk.tenant)

    writers = [asyncio.create_task(write()) for _ in range(3)]
    received = await asyncio.gather(*(busy_desk.receive(mail) for mail in mails))
    done.set()
    await asyncio.gather(*writers)
    await busy_desk.draft()
    [conversation] = {each.conversation_id for each in received}
    timeline = await busy_desk.timeline(conversation)
    pending = [draft for draft in timeline.drafts if draft.status == "pending"]
    assert [draft.trigger_message_id for draft in pending] == [timeline.conversation.unanswered_id]


async def test_deliveries_decisions_and_drafts_at_once_never_deadlock(busy_desk: Desk) -> None:
    """Each takes the rows of users, conversations and drafts in the same order."""
    threads = [a_thread() for _ in range(4)]
    for thread in threads:
        await busy_desk.receive(thread[0])
    await busy_desk.draft()
    numbers = count()

    async def decide() -> None:
        for (draft,) in busy_desk.run("select id from drafts.drafts where tenant_id = %s", busy_desk.tenant):
            shown = await busy_desk.read(draft)
            decision = DraftDecision.REJECT if next(numbers) % 2 else DraftDecision.APPROVE
            with suppress(DecisionConflict):
                await busy_desk.decide(shown, decision, by=f"reviewer-{next(numbers) % 3}")

    async def send(mails: list[InboundMessage]) -> None:
        for mail in mails:
            await busy_desk.receive(mail)

    async def write() -> None:
        await request_drafts(busy_desk.backends, busy_desk.scribe, actor=DRAFTER, tenant=busy_desk.tenant)

    work = [send(thread[1:]) for thread in threads] + [decide() for _ in range(4)] + [write() for _ in range(3)]
    await asyncio.gather(*work)
    [[doubled]] = busy_desk.run(
        "select count(*) from (select draft_id from drafts.draft_actions where tenant_id = %s"
        " group by 1 having count(*) > 1) as twice",
        busy_desk.tenant,
    )
    assert doubled == 0


KILL_DECISION = """
select pg_terminate_backend(pid) from pg_stat_activity
where wait_event_type = 'Lock' and query like '%decide_draft%' and pid <> pg_backend_pid()
  and datname = current_database()
"""


async def test_a_backend_that_dies_in_a_decision_leaves_all_of_it_or_nothing(busy_desk: Desk) -> None:
    """Its connection is ended by the server while the decision waits for a lock, before anything was written."""
    draft = await busy_desk.pending()
    with psycopg.connect(busy_desk.url) as blocker:
        blocker.execute("select from drafts.conversations where id = %s for update", [draft.conversation_id])
        deciding = asyncio.create_task(busy_desk.decide(draft))
        await eventually(lambda: bool(busy_desk.run(KILL_DECISION)))
        with pytest.raises(ControlPlaneError):
            await deciding
    assert busy_desk.audit() == ["message.received", "draft.created"]
    await busy_desk.decide(await busy_desk.read(draft.id))
    assert busy_desk.audit()[-1] == "draft.decided"
