"""Search envelopes and audit rows, and count the causes of dead letters."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditEntry, AuditFilter, AuditLogger, FoundAuditRows
from services.backends import Backends
from services.envelope import Actor, ActorType, Status
from services.objectives import Objective
from services.outbox import Disposition, Outbox
from services.outbox.causes import cause_of
from services.outbox.lists import Cause, Causes, EnvelopeFilter, FoundEnvelopes
from tests.builders import AGENT, MINUTE, NOW, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, a_proposal, close, ids, put, put_one, run_one, take, take_one

ALL = EnvelopeFilter()


@pytest.mark.parametrize("of_all", [False, True])
async def test_envelopes_are_found_by_each_condition_the_newest_first(
    backends: Backends, tenant: UUID, other_tenant: UUID, clock: FakeClock, of_all: bool
) -> None:
    outbox, objectives = backends.outbox, backends.objectives
    objective = Objective(id=uuid4(), tenant_id=tenant, title="save", metric="cost")
    await objectives.save(objective, actor=operator("olga"))
    owner = None if of_all else tenant
    first = await put_one(outbox, tenant, tool_slug="MAIL__send", objective_id=objective.id)
    await outbox.cancel(tenant, first.id, actor=AGENT, reason=None)
    first = await outbox.get(tenant, first.id)
    clock.advance(minutes=1)
    [second] = [
        each.envelope
        for each in await outbox.enqueue(
            [a_proposal(tenant, tool_slug="ORDERS__create")], actor=Actor(type=ActorType.AGENT, id="other")
        )
    ]
    clock.advance(minutes=1)
    third = await put_one(outbox, tenant, tool_slug="MAIL__send")
    clock.advance(minutes=1)
    theirs = await put_one(outbox, other_tenant, tool_slug="SLACK__chat.post")

    async def found(wanted: EnvelopeFilter) -> list[UUID]:
        page = await outbox.search(owner, wanted, limit=10)
        assert page.searched_to is None
        return ids(page.envelopes)

    assert await found(ALL) == ids([theirs, third, second, first] if of_all else [third, second, first])
    assert await found(EnvelopeFilter(status=Status.CANCELLED)) == [first.id]
    assert await found(EnvelopeFilter(status=Status.PENDING, tool_slug="MAIL__send")) == [third.id]
    assert await found(EnvelopeFilter(tool_slug="MAIL__send")) == [third.id, first.id]
    assert await found(EnvelopeFilter(tool_slug="MAIL")) == []
    assert await found(EnvelopeFilter(proposed_by="agent:other")) == [second.id]
    assert await found(EnvelopeFilter(objective_id=objective.id)) == [first.id]
    assert await found(EnvelopeFilter(since=NOW + MINUTE, until=NOW + 2 * MINUTE)) == [second.id]
    assert await found(EnvelopeFilter(words="orders")) == [second.id]
    assert await outbox.search(owner, EnvelopeFilter(status=Status.CANCELLED), limit=1) == FoundEnvelopes(
        envelopes=[first], searched_to=None
    )


async def test_words_that_name_an_envelope_find_it_whatever_else_is_asked(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    dead = await a_dead_letter(outbox, tenant, external_id="order-1")
    alive = await put_one(outbox, tenant, external_id="order-2")
    theirs = await put_one(outbox, other_tenant, external_id="order-2")

    async def found(owner: UUID | None, words: str) -> list[UUID]:
        page = await outbox.search(owner, EnvelopeFilter(words=words, status=Status.SUCCESS), limit=10)
        return ids(page.envelopes)

    assert await found(tenant, "order-1") == [dead.id]
    assert await found(tenant, str(alive.id)) == [alive.id]
    assert await found(tenant, str(theirs.id)) == []
    assert await found(None, str(theirs.id)) == [theirs.id]
    assert sorted(await found(None, "order-2")) == sorted([alive.id, theirs.id])
    assert await found(tenant, "order-3") == []


async def test_pages_of_a_search_have_each_envelope_once(outbox: Outbox, tenant: UUID, other_tenant: UUID) -> None:
    await put(outbox, *[a_proposal(owner, tool_slug="A__b") for _ in range(5) for owner in (tenant, other_tenant)])
    await put(outbox, *[a_proposal(tenant, tool_slug="C__d") for _ in range(3)])
    for owner, expected in ((tenant, 5), (None, 10)):
        wanted = EnvelopeFilter(tool_slug="A__b")
        whole = (await outbox.search(owner, wanted, limit=100)).envelopes
        paged, after = list[UUID](), None
        while page := (await outbox.search(owner, wanted, limit=2, after=after)).envelopes:
            paged += ids(page)
            after = page[-1].created_at, page[-1].id
        assert paged == ids(whole)
        assert len(set(paged)) == expected


async def test_one_search_reads_some_thousands_and_says_where_it_ended(
    outbox: Outbox, tenant: UUID, other_tenant: UUID
) -> None:
    rare = await put_one(outbox, tenant, tool_slug="RARE__call")
    for _ in range(6):
        await put(outbox, *[a_proposal(tenant) for _ in range(1000)])
    await put_one(outbox, other_tenant)
    for owner in (tenant, None):
        found, after, searches = list[UUID](), None, 0
        while True:
            page = await outbox.search(owner, EnvelopeFilter(tool_slug="RARE__call"), limit=10, after=after)
            found, after, searches = found + ids(page.envelopes), page.searched_to, searches + 1
            if after is None:
                break
        assert found == [rare.id]
        assert 1 <= searches <= 4


async def test_dead_letters_are_counted_by_cause(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    await a_failure(outbox, tenant, 'order 17 of "acme": HTTP 404 (attempt 1 of 5)')
    clock.advance(minutes=1)
    await a_failure(outbox, other_tenant, 'order 1234 of "zebra": HTTP 404 (attempt 3 of 5)', doubtful=True)
    clock.advance(minutes=1)
    last = await a_failure(outbox, tenant, "order 17: HTTP 500\nTraceback")

    missing = Cause(
        tool_slug="SLACK__chat.post", status=Status.FAILED, cause="order … of …: HTTP 404 (attempt … of …)",
        letters=2, doubtful=1, tenants=2, oldest_at=NOW, newest_at=NOW + MINUTE,
    )  # fmt: skip
    broken = Cause(
        tool_slug="SLACK__chat.post", status=Status.FAILED, cause="order …: HTTP 500", letters=1, doubtful=0,
        tenants=1, oldest_at=NOW + 2 * MINUTE, newest_at=NOW + 2 * MINUTE,
    )  # fmt: skip
    assert await outbox.count_causes(None) == Causes(causes=(missing, broken), is_whole=True)
    assert await outbox.count_causes(tenant) == Causes(
        causes=(replace(missing, letters=1, doubtful=0, tenants=1, newest_at=NOW), broken), is_whole=True
    )
    assert ids(await outbox.list_dead_letters(None, limit=10, cause="order …: HTTP 500")) == [last.id]
    assert await outbox.list_dead_letters(other_tenant, limit=10, cause="order …: HTTP 500") == []


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("no such channel", "no such channel"),
        ("HTTP 503 after 12.5 s", "HTTP 503 after … s"),
        ("order 1204, order 120", "order …, order 120"),
        ("envelope 8c1d1f6e-0001-4111-8111-111111111111 is gone", "envelope … is gone"),
        ("'a' is no \"b\"", "… is no …"),
        ("at 12:30:01, 1,204 rows, v2", "at …, … rows, v…"),
        ("first\nsecond 7", "first"),
        ("9" * 300, "…"),
        ("7 \x1b[m\u202e", "… \x1b[m\u202e"),
    ],
)
async def test_a_cause_is_the_same_in_every_backend(outbox: Outbox, tenant: UUID, error: str, cause: str) -> None:
    await a_failure(outbox, tenant, error)
    [counted] = (await outbox.count_causes(tenant)).causes
    assert counted.cause == cause == cause_of(error)


async def test_audit_rows_are_found_by_each_condition(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    clock.advance(minutes=1)
    proposed = await put_one(outbox, tenant)
    await put_one(outbox, other_tenant)
    clock.advance(minutes=1)
    await outbox.cancel(tenant, proposed.id, actor=operator("olga"), reason=None)
    newest = await audit_log.tail(tenant, limit=10)

    async def found(limit: int = 10, **conditions: Any) -> list[str]:
        page = await audit_log.search(tenant, AuditFilter(**conditions), limit=limit)
        assert page.searched_to is None
        return [row.entry.category for row in page.rows]

    assert await audit_log.search(tenant, AuditFilter(), limit=10) == FoundAuditRows(rows=newest, searched_to=None)
    assert await audit_log.search(tenant, AuditFilter(), limit=10, before=newest[0].seq) == FoundAuditRows(
        rows=newest[1:], searched_to=None
    )
    assert await found(limit=1, category="envelope.") == ["envelope.cancelled"]
    assert await found(category="envelope.") == ["envelope.cancelled", "envelope.proposed"]
    assert await found(category="envelope.proposed") == ["envelope.proposed"]
    assert await found(category="envelope") == []
    assert await found(actor="olga", category="envelope.") == ["envelope.cancelled"]
    assert await found(actor=AGENT.principal) == ["envelope.proposed"]
    assert await found(since=NOW + MINUTE, until=NOW + 2 * MINUTE) == ["envelope.proposed"]
    assert await found(since=NOW + 3 * MINUTE) == []
    assert await found(until=NOW - MINUTE) == []


async def test_a_search_of_a_long_chain_says_where_it_ended(audit_log: AuditLogger, tenant: UUID) -> None:
    actor = operator("olga")
    await audit_log.append([AuditEntry(tenant_id=tenant, actor=actor, category="note.rare")])
    for _ in range(6):
        await audit_log.append([AuditEntry(tenant_id=tenant, actor=actor, category="note.usual")] * 1000)
    found, before = list[str](), None
    for _ in range(3):
        page = await audit_log.search(tenant, AuditFilter(category="note.rare"), limit=10, before=before)
        found, before = found + [row.entry.category for row in page.rows], page.searched_to
        if before is None:
            break
    assert (found, before) == (["note.rare"], None)


async def test_all_audit_rows_of_an_envelope_are_found(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    one, two = await put(outbox, *[a_proposal(tenant) for _ in range(2)])
    await put_one(outbox, other_tenant, id=one.id)
    clock.advance(minutes=1)
    for claimed in await take(outbox, tenant=tenant):
        await close(outbox, claimed, Disposition.RETRY, error="busy", next_run_at=clock() + MINUTE)
    clock.advance(minutes=1)
    for claimed in await take(outbox, tenant=tenant):
        to = Disposition.SUCCESS if claimed.envelope.id == one.id else Disposition.FAILED
        await close(outbox, claimed, to, error=None if to is Disposition.SUCCESS else "broken", result={"ok": True})
    await outbox.requeue(tenant=tenant, envelopes=[two.id], limit=1, actor=operator("olga"))

    async def found(envelope: UUID, limit: int = 10) -> list[str]:
        rows = await audit_log.of_envelope(tenant, envelope, limit=limit)
        assert [row.seq for row in rows] == sorted(row.seq for row in rows)
        return [row.entry.category.removeprefix("envelope.") for row in rows]

    assert await found(one.id) == ["proposed", "retry", "success"]
    assert await found(two.id) == ["proposed", "retry", "failed", "requeued"]
    assert await found(two.id, limit=2) == ["failed", "requeued"]
    assert await found(uuid4()) == []


async def test_a_forgotten_envelope_leaves_the_rows_between_its_proposal_and_its_success(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    envelope = await put_one(outbox, tenant)
    await close(outbox, await take_one(outbox), Disposition.RETRY, error="busy", next_run_at=NOW)
    await run_one(outbox, Disposition.SUCCESS)
    clock.advance(minutes=2)
    await outbox.forget_settled(keep=timedelta(minutes=1), limit=10, actor=operator("olga"))

    rows = await audit_log.of_envelope(tenant, envelope.id, limit=10)
    assert [row.entry.category for row in rows] == ["envelope.retry"]


async def a_failure(outbox: Outbox, tenant: UUID, error: str, **detail: Any) -> Any:
    """A dead letter with this error. No other envelope may be due when this is called."""
    await put_one(outbox, tenant)
    return await run_one(outbox, Disposition.FAILED, error=error, **detail)
