"""The audit log: one gapless hash chain per tenant, the same on every backend."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast
from uuid import UUID, uuid4

import psycopg
import pytest

from services.approvals import ApprovalDecision, Approvals, RejectionCode
from services.audit_log import Anchor, AuditEntry, AuditLogger, AuditRow, Head, RawAuditRow
from services.audit_log.export import ndjson_line, read_rows
from services.audit_log.problems import Findings
from services.audit_log.verify import PAGE_SIZE, verify, verify_rows
from services.backends import Backends
from services.backends.memory.audit import audit_digest
from services.envelope import Actor, ActorType
from services.errors import InvalidInput, NotReady
from services.jsonb import moment_text
from services.outbox import Disposition, Outbox, Resolution
from services.tenants import Tenant, Tenants
from tests.builders import NOW, TENANT, operator
from tests.clock import FakeClock
from tests.clusters import hush
from tests.contract.builders import WORKER, a_dead_letter, a_proposal, asking, put, put_one, settled, take, take_one

WEIRD = {"zz": 1, "é": [1.50, -0.0, 1e20, 1e-7, None, True], "b": {"aa": '\u2028\x1f"\\/\n', "a": "🦊"}, "": {}}
WEIRD_AS_TEXT = (
    '{"": {}, "b": {"a": "🦊", "aa": "\u2028\\u001f\\"\\\\/\\n"}, "zz": 1, "é":'
    " [1.5, 0.0, 100000000000000000000, 0.0000001, null, true]}"
)
ACTOR_TYPE_RULE = """
alter table public.audit_log add constraint audit_log_actor_type_check
  check (actor_type in ('agent', 'worker', 'operator', 'user', 'system')) not valid
"""
HASH_AFTER_WEIRD = "e457c643f8c568908101aada40174f7312738d1ccb629ed93b16597609d99370"
HASH_AFTER_PLAIN = "ef4ac3f90d722bc0ce23e391ccaec09a8e4d585c7b3541315162d331c0315198"


async def test_appended_entries_are_the_newest_rows_of_the_chain(audit_log: AuditLogger, clock: FakeClock) -> None:
    tenant = uuid4()
    first, second = _entry(tenant, "a.one"), _entry(tenant, "a.two", payload={"n": 1})
    await audit_log.append([first])
    clock.advance(seconds=1)
    await audit_log.append([second])

    newest, oldest = await audit_log.tail(tenant, limit=10)

    assert (oldest.entry, oldest.seq, oldest.created_at, oldest.previous_hash) == (first, 1, NOW, "")
    assert (newest.entry, newest.seq, newest.created_at, newest.previous_hash) == (second, 2, clock(), oldest.hash)


async def test_only_chains_that_have_grown_are_named(audit_log: AuditLogger) -> None:
    grown, same, empty = uuid4(), uuid4(), uuid4()
    await audit_log.append([_entry(grown, "a.one"), _entry(same, "a.one"), _entry(grown, "a.two")])

    assert await audit_log.moved_heads({grown: 1, same: 1, empty: 0}) == {grown: 2}
    assert await audit_log.moved_heads({}) == {}


async def test_equal_rows_have_equal_hashes_on_every_backend(audit_log: AuditLogger, clock: FakeClock) -> None:
    clock.advance(microseconds=123)
    await audit_log.append([_entry(TENANT, "test.weird", payload=WEIRD), _entry(TENANT, "test.plain")])

    assert [row.hash for row in await audit_log.tail(TENANT, limit=2)] == [HASH_AFTER_PLAIN, HASH_AFTER_WEIRD]


async def test_tail_pages_backwards(audit_log: AuditLogger) -> None:
    tenant = uuid4()
    await audit_log.append([_entry(tenant, f"test.n{n}") for n in range(1, 8)])

    assert [row.seq for row in await audit_log.tail(tenant, limit=3)] == [7, 6, 5]
    assert [row.seq for row in await audit_log.tail(tenant, limit=3, before=5)] == [4, 3, 2]
    assert [row.seq for row in await audit_log.tail(tenant, limit=3, before=2)] == [1]
    assert [row.seq for row in await audit_log.tail(tenant, limit=3, before=100)] == [7, 6, 5]
    assert await audit_log.tail(tenant, limit=3, before=1) == []
    assert await audit_log.tail(uuid4(), limit=3) == []


async def test_a_batch_for_several_tenants_continues_the_chain_of_each(audit_log: AuditLogger) -> None:
    one, two = uuid4(), uuid4()
    for _ in range(2):
        await audit_log.append([_entry(tenant, f"test.n{n}") for n, tenant in enumerate((one, two, one))])

    assert [row.entry.category for row in await audit_log.tail(one, limit=9)] == ["test.n2", "test.n0"] * 2
    assert [row.seq for row in await audit_log.tail(two, limit=9)] == [2, 1]
    for tenant in (one, two):
        assert_chained(await audit_log.tail(tenant, limit=9))


async def test_rows_are_read_unchanged_page_by_page(audit_log: AuditLogger, clock: FakeClock) -> None:
    tenant = uuid4()
    clock.advance(microseconds=120)
    await audit_log.append([_entry(tenant, f"test.n{n}", payload=WEIRD) for n in range(1, 6)])

    [first, second] = await audit_log.read(tenant, limit=2)

    assert first == RawAuditRow(
        tenant_id=tenant,
        seq=1,
        actor_type="operator",
        actor_id="olga",
        category="test.n1",
        payload=WEIRD_AS_TEXT,
        created_at=moment_text(clock()),
        previous_hash="",
        hash=second.previous_hash or "",
    )
    assert [link.seq for link in await audit_log.read(tenant, after=2, limit=2)] == [3, 4]
    assert [link.seq for link in await audit_log.read(tenant, after=4, limit=2)] == [5]
    assert await audit_log.read(tenant, after=5, limit=2) == []
    assert await audit_log.read(uuid4(), limit=2) == []


async def test_reading_may_begin_at_a_time(audit_log: AuditLogger, clock: FakeClock) -> None:
    tenant = uuid4()
    for n in range(1, 5):
        clock.advance(seconds=1)
        await audit_log.append([_entry(tenant, f"test.n{n}")])

    third = NOW + timedelta(seconds=3)
    assert [link.seq for link in await audit_log.read(tenant, since=third, limit=9)] == [3, 4]
    assert [link.seq for link in await audit_log.read(tenant, since=third, limit=1)] == [3]
    late = NOW + timedelta(seconds=2, microseconds=1)
    assert [link.seq for link in await audit_log.read(tenant, since=late, limit=1)] == [3]
    assert await audit_log.read(tenant, since=clock() + timedelta(seconds=1), limit=9) == []


async def test_every_tenant_with_rows_has_a_head(audit_log: AuditLogger) -> None:
    one, two, three = sorted(uuid4() for _ in range(3))
    await audit_log.append([_entry(tenant, "test.n") for tenant in (three, one, two, one)])
    ends = {tenant: (await audit_log.tail(tenant, limit=1))[0] for tenant in (one, two, three)}
    heads = [Head(tenant_id=tenant, seq=end.seq, hash=end.hash, newest=end.seq) for tenant, end in ends.items()]

    assert await audit_log.heads() == heads
    assert await audit_log.heads(limit=2) == heads[:2]
    assert await audit_log.heads(after=one, limit=1) == heads[1:2]
    assert await audit_log.heads(after=three) == []
    assert await audit_log.heads(two) == [heads[1]]
    assert await audit_log.heads(uuid4()) == []


async def test_an_untouched_log_is_intact(outbox: Outbox, audit_log: AuditLogger, tenant: UUID) -> None:
    await a_dead_letter(outbox, tenant)
    await audit_log.append([_entry(tenant, "test.weird", payload=WEIRD), _entry(TENANT, "test.weird", payload=WEIRD)])
    [anchored] = await audit_log.tail(tenant, limit=1)
    anchors = {tenant: [Anchor(tenant_id=tenant, seq=anchored.seq, hash=anchored.hash)]}
    await audit_log.append([_entry(tenant, "test.later")])
    [end] = await audit_log.tail(tenant, limit=1)

    found = {row.tenant_id: row async for row in verify(audit_log, None, anchors, say=hush)}

    assert found.keys() == {tenant, TENANT}
    assert found[tenant] == Findings(
        tenant_id=tenant,
        rows=end.seq,
        first=1,
        last=end.seq,
        hash=end.hash,
        anchored=anchored.seq,
        problems=(),
        unlisted=0,
    )
    assert found[TENANT].intact
    assert [findings async for findings in verify(audit_log, uuid4(), {}, say=hush)] == []


@dataclass(frozen=True)
class PartlyBroken:
    """A log whose rows of one tenant cannot be read after a seq."""

    log: AuditLogger
    tenant: UUID
    after: int

    async def heads(self, tenant: UUID | None = None, *, after: UUID | None = None, limit: int = 500) -> list[Head]:
        return await self.log.heads(tenant, after=after, limit=limit)

    async def read(
        self, tenant: UUID, *, after: int | None = None, since: datetime | None = None, limit: int
    ) -> list[RawAuditRow]:
        if tenant == self.tenant and (after or 0) >= self.after:
            raise NotReady("database: invalid page in block 7")
        return await self.log.read(tenant, after=after, since=since, limit=limit)


@pytest.mark.parametrize("read", [0, PAGE_SIZE])
async def test_unreadable_rows_fail_the_verification_of_their_tenant_only(audit_log: AuditLogger, read: int) -> None:
    tenants = sorted(uuid4() for _ in range(3))
    await audit_log.append([_entry(tenant, "test.n") for tenant in tenants for _ in range(PAGE_SIZE + 1)])
    broken = cast("AuditLogger", PartlyBroken(audit_log, tenants[1], after=read))

    found = [findings async for findings in verify(broken, None, {}, say=hush)]

    assert [(each.tenant_id, each.rows, each.intact) for each in found] == [
        (tenants[0], PAGE_SIZE + 1, True), (tenants[1], read, False), (tenants[2], PAGE_SIZE + 1, True)
    ]  # fmt: skip
    assert [*map(str, found[1].problems)] == [
        f"unverifiable: the rows after row {read} cannot be read: database: invalid page in block 7"
    ]


async def test_a_chain_longer_than_a_page_is_verified_to_its_end(audit_log: AuditLogger) -> None:
    tenant = uuid4()
    await audit_log.append([_entry(tenant, "test.n") for _ in range(PAGE_SIZE + 1)])
    await audit_log.append([_entry(tenant, "test.n") for _ in range(PAGE_SIZE)])

    [found] = [findings async for findings in verify(audit_log, tenant, {}, say=hush)]

    assert (found.rows, found.intact) == (2 * PAGE_SIZE + 1, True)


async def test_an_export_can_be_verified_without_the_database(audit_log: AuditLogger) -> None:
    tenant, other = uuid4(), uuid4()
    await audit_log.append([_entry(each, "test.n", payload=WEIRD) for each in (tenant, other, tenant, tenant)])
    links = [link for each in (tenant, other) for link in await audit_log.read(each, limit=9)]

    written = [ndjson_line(link).encode() for link in links]

    assert list(read_rows(written, "export")) == links
    anchor = Anchor(tenant_id=tenant, seq=3, hash=links[2].hash or "")
    found = verify_rows(read_rows(written, "export"), None, {tenant: [anchor]}, say=hush)
    assert [(each.tenant_id, each.rows, each.anchored, each.problems) for each in found] == [
        (tenant, 3, 3, ()), (other, 1, None, ()),
    ]  # fmt: skip


async def test_appending_no_entries_changes_nothing(audit_log: AuditLogger) -> None:
    await audit_log.append([])


async def test_every_change_of_state_appends_a_row_to_the_chain(
    *, outbox: Outbox, approvals: Approvals, tenants: Tenants, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await a_dead_letter(outbox, tenant)
    await outbox.requeue(tenant=tenant, envelopes=None, limit=1, actor=operator("olga"))
    await put(outbox, a_proposal(tenant), a_proposal(tenant))
    one, two, three = await take(outbox)
    clock.advance(seconds=1)
    await outbox.settle(
        WORKER,
        [settled(one, Disposition.UNKNOWN), asking(two), settled(three, Disposition.HOLD, next_run_at=clock())],
    )
    await outbox.resolve(tenant, one.envelope.id, decision=Resolution.SUCCESS, actor=operator("olga"), reason=None)
    await approvals.decide(
        tenant,
        two.envelope.id,
        decision=ApprovalDecision.REJECTED,
        code=RejectionCode.OTHER,
        digest="d1",
        actor=operator("olga"),
    )
    await outbox.cancel(tenant, three.envelope.id, actor=Actor(type=ActorType.AGENT, id="a"), reason=None)
    await tenants.pause(tenant, actor=operator("olga"), reason=None)

    rows = await audit_log.tail(tenant, limit=100)

    assert [row.entry.category for row in reversed(rows)] == [
        "tenants.insert", "envelope.proposed", "envelope.failed", "envelope.requeued", "envelope.proposed",
        "envelope.unknown", "envelope.awaiting_approval", "envelope.hold", "envelope.resolved", "envelope.rejected",
        "envelope.cancelled", "tenants.update",
    ]  # fmt: skip
    assert_chained(rows)


async def test_a_tenants_chain_grows_only_by_its_own_rows(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID
) -> None:
    await put_one(outbox, other_tenant)
    before = await audit_log.tail(other_tenant, limit=9)
    await put_one(outbox, tenant)
    await take_one(outbox)

    assert await audit_log.tail(other_tenant, limit=9) == before


def assert_chained(newest_first: list[AuditRow]) -> None:
    """Check that each hash can be computed from its row and the hash before it, and that no row is missing."""
    previous, moment = "", NOW - timedelta(days=1)
    for seq, row in enumerate(reversed(newest_first), start=1):
        digest = audit_digest(row.entry, row.seq, row.created_at)
        assert (row.seq, row.previous_hash) == (seq, previous)
        assert row.hash == sha256(bytes.fromhex(previous) + digest).hexdigest()
        assert row.created_at >= moment
        previous, moment = row.hash, row.created_at


def _entry(tenant: UUID, category: str, payload: dict[str, object] | None = None) -> AuditEntry:
    return AuditEntry(
        tenant_id=tenant, actor=Actor(type=ActorType.OPERATOR, id="olga"), category=category, payload=payload or {}
    )


async def test_an_actor_of_an_unknown_type_is_refused_and_nothing_is_appended(audit_log: AuditLogger) -> None:
    tenant = uuid4()
    robot = AuditEntry(tenant_id=tenant, actor=Actor(type=ActorType.OTHER, id="r2"), category="a.two", payload={})

    with pytest.raises(InvalidInput, match=r"^actor_type: ") as refused:
        await audit_log.append([_entry(tenant, "a.one"), robot])

    assert (refused.value.field, await audit_log.tail(tenant, limit=9)) == ("actor_type", [])


async def test_an_unknown_actor_type_is_listed_as_other(postgres_backends: Backends, contract_database: str) -> None:
    tenant = Tenant(id=uuid4(), name="acme")
    await postgres_backends.tenants.save(tenant, actor=operator("olga"))
    with psycopg.connect(contract_database) as session:  # as before the column had this check
        session.execute("alter table public.audit_log drop constraint audit_log_actor_type_check")
        session.execute("select set_config('app.actor_type', 'robot', true), set_config('app.actor_id', 'r2', true)")
        session.execute("update public.tenants set name = 'Acme' where id = %s", (tenant.id,))
        session.execute("set constraints all immediate")
        session.execute(ACTOR_TYPE_RULE.encode())

    audit_log = postgres_backends.audit_log
    newest, first = await audit_log.tail(tenant.id, limit=9)
    assert [row.entry.actor.type for row in (newest, first)] == [ActorType.OTHER, ActorType.OPERATOR]
    assert [link.actor_type for link in await audit_log.read(tenant.id, limit=9)] == ["operator", "robot"]
