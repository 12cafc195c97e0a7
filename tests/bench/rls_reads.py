"""What does row-level security cost a tenant that reads its own rows? Milliseconds, against the owner's own query.

A million audit rows of 200 tenants. A tenant reads its newest 50 as PostgREST has it read: role `authenticated`, its
JWT's claims set in the transaction, the statement prepared. The owner, to whom no policy applies, runs the same query
with the tenant in a condition. Likewise page by page through an outbox of 100,000 envelopes.
"""

import json
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

import psycopg

from services.database.connect import connect
from tests.bench.runner import Figure, Lab

PAGE = 50
READS = 300
"""Tenants that read, one after the other."""
BAR = 1.5

FILL = """
set role app_owner;

create temp table who as
select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as tenant_id from generate_series(1, 200) as n;

insert into public.tenants (id, name) select tenant_id, 'tenant ' || n from who;   -- leaves the first audit row of each

insert into public.audit_log
  (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
select
  w.tenant_id, 'worker', 'worker-1', 'envelope.success',
  jsonb_build_object(
    'envelope_id', gen_random_uuid(), 'external_id', 'order-' || s, 'tool_slug', 'ORDERS__create', 'attempts', 1,
    'result_sha256', encode(sha256(s::text::bytea), 'hex')
  ),
  now() + interval '1 second' * s, s, sha256((w.n || '/' || s - 1)::bytea), sha256((w.n || '/' || s)::bytea)
from generate_series(2, 5000) as s
cross join who as w;

insert into public.outbox (id, tenant_id, tool_slug, arguments, external_id, status, created_at, updated_at)
select
  gen_random_uuid(), w.tenant_id, 'ORDERS__create', jsonb_build_object('sku', 'bolt-m8', 'quantity', s), 'order-' || s,
  'success', now() + interval '1 second' * s, now()
from generate_series(1, 500) as s
cross join who as w;
"""

AUDIT = "select * from public.audit_log {where} order by created_at desc limit 50"
OUTBOX = """
select * from public.outbox {where} (created_at, id) < (%(created_at)s, %(id)s)
order by created_at desc, id desc limit 50
"""
BEFORE_ALL = {"created_at": "infinity", "id": UUID(int=2**128 - 1)}


async def measure(lab: Lab) -> list[Figure]:
    """The newest audit rows, and an outbox page by page."""
    with lab.database() as url:
        lab.say("  filling")
        with connect(url) as connection:
            connection.execute(FILL.encode())
            connection.execute("vacuum analyze public.audit_log, public.outbox, public.tenants")
        lab.settle_down()
        return [
            await _figure(lab, "rls_reads/newest 50 of 1M audit rows", partial(_newest, url)),
            await _figure(lab, "rls_reads/outbox page by page", partial(_pages, url)),
        ]


async def _figure(lab: Lab, name: str, seconds: Callable[..., list[float]]) -> Figure:
    async def side(*, rls: bool) -> float:
        seconds(rls=rls, reads=30)  # warm-up
        return statistics.median(seconds(rls=rls, reads=READS)) * 1000

    ours, theirs, ratio = await lab.compare(partial(side, rls=True), partial(side, rls=False))
    return Figure(bench=name, unit="ms", ours=ours, peer="no RLS", theirs=theirs, ratio=ratio, at_most=BAR)


def _newest(url: str, *, rls: bool, reads: int) -> list[float]:
    """Seconds of each read."""
    statement = AUDIT.format(where="" if rls else "where tenant_id = %(tenant)s")
    with connect(url) as connection:
        return [_read(connection, statement, tenant, {}, rls=rls)[0] for tenant in _tenants(reads)]


def _pages(url: str, *, rls: bool, reads: int) -> list[float]:
    """Seconds of each page, from the first to the last of a tenant's outbox."""
    statement = OUTBOX.format(where="where" if rls else "where tenant_id = %(tenant)s and")
    spent: list[float] = []
    with connect(url) as connection:
        for tenant in _tenants(reads // 10):
            position: dict[str, object] | None = dict(BEFORE_ALL)
            while position is not None:
                seconds, position = _read(connection, statement, tenant, position, rls=rls)
                spent.append(seconds)
    return spent


def _read(
    connection: psycopg.Connection, statement: str, tenant: UUID, position: dict[str, object], *, rls: bool
) -> tuple[float, dict[str, object] | None]:
    """How long the statement took, and where the next page begins."""
    with connection.transaction():
        if rls:
            claims = json.dumps({"role": "authenticated", "tenant_id": str(tenant), "sub": "someone"})
            connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        connection.execute("set local role authenticated" if rls else "set local role app_owner")
        started = time.perf_counter()
        cursor = connection.execute(statement.encode(), {"tenant": tenant, **position}, prepare=True)
        rows = cursor.fetchall()
        spent = time.perf_counter() - started
    columns = [column.name for column in cursor.description or ()]
    tenants = {row[columns.index("tenant_id")] for row in rows}
    assert tenants <= {tenant}
    if len(rows) < PAGE:
        return spent, None
    return spent, {name: rows[-1][columns.index(name)] for name in ("created_at", "id")}


def _tenants(count: int) -> list[UUID]:
    """The tenants, the same for both sides."""
    chosen = random.Random(count)  # noqa: S311  # no secret
    return [UUID(f"00000000-0000-4000-8000-{chosen.randint(1, 200):012x}") for _ in range(count)]
