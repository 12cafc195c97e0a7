"""Whatever one tenant writes, the envelopes of other tenants run and all jobs finish for them.

Each hostile value is written for a tenant of its own. Then workers and jobs run once for all tenants.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import cast
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from control_plane.jobs import JobContext
from control_plane.jobs.registry import JOBS
from services.accounts import AccountHealth
from services.audit_log.verify import verify
from services.backends import Backends
from services.backends.open import postgres_backends, supabase_backends
from services.catalog import ListedTool
from services.database.rest import RestStack
from services.errors import NotFound
from services.outbox import Proposal
from services.tenants import Tenant, Tenants
from services.tools.dispatch import Tools
from tests.builders import AGENT
from tests.docs.tenants import token_for
from tests.faults.hostile import Case, cases
from tests.worker.world import Stage, World

pytestmark = pytest.mark.slow

TOOL, SCAN = "SLACK__chat.post", "SLACK__list"
NEIGHBOURS = 3
MAX_RUNS = 40
"""Runs of the warm scan, each of which reads a hundred accounts."""
ROWS = """
with t as (
  insert into public.tenants (id, name) select unnest(%(tenants)s::uuid[]), 'somebody' returning id
), g as (
  insert into public.guardrails (tenant_id) select id from t
), o as (
  insert into public.objectives (tenant_id, title, metric) select id, 'Answer faster', 'minutes' from t
), a as (
  insert into public.connected_accounts (tenant_id, provider, status, scopes, linked_at, expires_at)
  select id, 'slack', 'connected', '{SLACK}', now(), now() + interval '1 day' from t
)
insert into public.tool_catalog (tenant_id, tool_slug, version, provider, idempotent, scan)
select id, s.slug, '1', 'http', true, s.scan
from t, (
  values ('SLACK__chat.post', null), ('SLACK__list', '{"category": "chat", "arguments": {}}'::jsonb)
) as s (slug, scan)
"""
FORCED_TABLES = (
    "approvals", "connected_accounts", "evidence", "guardrails", "objectives", "outbox", "signals", "tenants",
    "tool_catalog",
)  # fmt: skip
KEPT_BY_US = {
    ("outbox", column) for column in ("lane", "status", "external_id", "attempts", "next_run_at", "settled_token")
} | {("tenants", "lanes")}
"""Columns with the state of an envelope, which only functions write."""
WEAK = """
select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint
where contype in ('c', 'f') and connamespace = 'public'::regnamespace
union all
select format('alter table %s alter column %I drop not null', a.attrelid::regclass, a.attname)
from pg_attribute as a join pg_class as c on c.oid = a.attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnotnull and a.attnum > 0
  and a.attname not in ('id', 'tenant_id', 'seq')
  and not exists (
    select from pg_index as i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)
  )
"""


class Provider(Stage):
    """Tools that succeed, an unknown source, and connected accounts."""

    async def list_tools(self, provider: str, source: str) -> list[ListedTool]:
        raise NotFound("source", source, f"no server {source[:40]} of {provider[:40]}")

    async def account_health(self, _: str) -> AccountHealth:
        return AccountHealth(status="connected")


@dataclass(frozen=True)
class Some:
    """The rows of these tenants only."""

    tenants: list[Tenant]

    async def list_tenants(self) -> list[Tenant]:
        return self.tenants


@dataclass(frozen=True)
class Written:
    """The result of a case, and the tenant whose rows it is in."""

    case: Case
    tenant: UUID
    refusal: str | None


async def test_hostile_values_a_role_writes_are_refused_by_name_or_affect_no_other_tenant(
    admin: psycopg.Connection, database_url: str, rest: RestStack
) -> None:
    tried = [*cases(admin, "authenticated"), *cases(admin, "service_role")]
    neighbours = _tenants(admin, NEIGHBOURS)

    written = await _written(admin, tried, partial(_by_sql, admin))
    async with httpx.AsyncClient(base_url=f"{rest.url}/rest/v1", timeout=60) as client:
        written += await _written(admin, tried, partial(_over_rest, rest, client))

    assert len(written) > 1000
    assert [w for w in written if w.refusal is not None and not _names(w.refusal, w.case.column)] == []
    await _neighbours_are_served(admin, database_url, rest, written, neighbours)


async def test_unreadable_rows_affect_only_their_own_tenant(
    admin: psycopg.Connection, database_url: str, rest: RestStack
) -> None:
    for (statement,) in admin.execute(WEAK).fetchall():
        admin.execute(statement.encode())
    tried = [c for c in cases(admin, "postgres", *FORCED_TABLES) if (c.table, c.column) not in KEPT_BY_US]
    hostile, neighbours = _tenants(admin, len(tried)), _tenants(admin, NEIGHBOURS)
    await _propose(database_url, [*hostile, *neighbours])
    admin.execute(
        "insert into public.evidence (tenant_id, tool_slug, sha256, content, observed_at, seen_at)"
        " select id, 'SLACK__list', repeat('a', 64), '{}', now(), now() from public.tenants"
    )
    admin.execute(
        "insert into public.signals (tenant_id, tool_slug, value, evidence_id, observed_at, changed_at)"
        " select tenant_id, tool_slug, '{}', id, now(), now() from public.evidence"
    )
    admin.execute("set session_replication_role = replica")
    written = [Written(case, tenant, _forced(admin, case, tenant)) for case, tenant in zip(tried, hostile, strict=True)]
    admin.execute("set session_replication_role = origin")

    assert len([w for w in written if w.refusal is None]) > 600
    await _neighbours_are_served(admin, database_url, rest, written, neighbours)


async def test_thousands_of_large_accounts_hold_only_their_own_tenant(
    admin: psycopg.Connection, database_url: str, rest: RestStack
) -> None:
    (crowded,), neighbours = _tenants(admin, 1), _tenants(admin, NEIGHBOURS)
    admin.execute("set session_replication_role = replica")
    admin.execute(
        "insert into public.connected_accounts (tenant_id, provider, status, linked_at, metadata)"
        " select %s, 'slack', 'connected', now(), jsonb_build_object('x', repeat(md5(i::text), 2000))"
        " from generate_series(1, 4300) as i",
        [crowded],
    )
    admin.execute("set session_replication_role = origin")
    await _propose(database_url, [crowded, *neighbours])

    await _worked(admin, database_url, rest, neighbours)

    ((verdicts,),) = admin.execute("select verdicts from public.outbox where tenant_id = %s limit 1", [crowded])
    assert "there are more than 1000 connected accounts" in verdicts[0]["reason"]


def _names(refusal: str, column: str) -> bool:
    """The name of a check of two columns, such as paused_at and paused_reason, contains both: tenants_paused_check."""
    return column in refusal or f"_{column.partition('_')[0]}_check" in refusal


def _tenants(admin: psycopg.Connection, count: int) -> list[UUID]:
    tenants = [uuid4() for _ in range(count)]
    admin.execute(ROWS, {"tenants": tenants})
    return tenants


async def _written(
    admin: psycopg.Connection, tried: Sequence[Case], write: Callable[[Case, UUID], Awaitable[str | None]]
) -> list[Written]:
    """The result of each case. A value that was written has a tenant of its own."""
    written: list[Written] = []
    for case in tried:
        tenant = written[-1].tenant if written and written[-1].refusal is not None else _tenants(admin, 1)[0]
        written.append(Written(case, tenant, await write(case, tenant)))
    return written


async def _by_sql(admin: psycopg.Connection, case: Case, tenant: UUID) -> str | None:
    owner = {"tenant_id": str(tenant), "sub": "maria", "tenant_role": "owner"}
    claims = json.dumps(owner) if case.role == "authenticated" else ""
    try:
        with admin.transaction():
            admin.execute("select set_config('request.jwt.claims', %s, true)", [claims])
            admin.execute(f"set local role {case.role}".encode())
            admin.execute(case.statement(), [case.value, tenant])
    except psycopg.Error as refused:
        state, diagnosis = str(refused.sqlstate), refused.diag
        if state[:2] == "22":  # no value of the column's type
            return case.column
        return (
            f"{diagnosis.message_primary} {diagnosis.constraint_name} {diagnosis.column_name}"
            if state[:2] in {"PT", "23"}
            else state
        )
    return None


async def _over_rest(rest: RestStack, client: httpx.AsyncClient, case: Case, tenant: UUID) -> str | None:
    value = case.value if case.kind == "jsonb" else json.dumps(case.value)
    headers = {"apikey": rest.keys.secret, "Content-Type": "application/json"}
    if case.role == "authenticated":
        token = token_for(rest, tenant_id=str(tenant))
        headers |= {"apikey": rest.keys.publishable, "Authorization": f"Bearer {token}"}
    answer = await client.patch(f"{case.path}{tenant}", headers=headers, content=f'{{"{case.column}": {value}}}')
    if answer.is_success:
        return None
    assert 400 <= answer.status_code < 500, (case, answer.text)
    is_no_value = str(answer.json().get("code"))[:2] in {"22", "PG"}  # of the column's type
    return case.column if is_no_value else answer.text


def _forced(admin: psycopg.Connection, case: Case, tenant: UUID) -> str | None:
    try:
        admin.execute(case.statement(), [case.value, tenant])
    except psycopg.Error as refused:  # no value of the type at all
        return str(refused.sqlstate)
    return None


async def _propose(url: str, tenants: Sequence[UUID]) -> None:
    async with postgres_backends(url) as backends:
        for start in range(0, len(tenants), 500):
            proposals = [
                Proposal(id=(one := uuid4()), tenant_id=tenant, tool_slug=TOOL, external_id=str(one))
                for tenant in tenants[start : start + 500]
            ]
            await backends.outbox.enqueue(proposals, actor=AGENT)


async def _neighbours_are_served(
    admin: psycopg.Connection, url: str, rest: RestStack, written: Sequence[Written], neighbours: Sequence[UUID]
) -> None:
    await _propose(url, [*{w.tenant for w in written}, *neighbours])
    await _worked(admin, url, rest, neighbours)
    async with _over("postgres", url, rest) as backends:
        await _jobs_finish(admin, backends, neighbours)
        await _lists_answer(backends)
        assert [found async for found in verify(backends.audit_log, None, {}, say=lambda _: None)]
    documents = {w.tenant for w in written if w.refusal is None and w.case.kind == "jsonb"}
    async with _over("supabase", url, rest) as backends:  # a call over HTTP takes ten times as long
        some = Some([Tenant(id=each, name="") for each in (*documents, *neighbours)])
        await _jobs_finish(admin, replace(backends, tenants=cast("Tenants", some)), neighbours)
        await _lists_answer(backends)


async def _worked(admin: psycopg.Connection, url: str, rest: RestStack, neighbours: Sequence[UUID]) -> None:
    """Both transports in turn, each with an envelope of every neighbour, proposed after those of the other tenants."""
    for transport in ("postgres", "supabase"):
        others = admin.execute(
            "select tenant_id from app_private.lanes where tenant_id <> all (%s)", [list(neighbours)]
        )
        await _propose(url, [*(row[0] for row in others.fetchall()), *neighbours])
        admin.execute("update app_private.lanes set ready_at = now() where worker_id is null")
        async with _over(transport, url, rest) as backends:
            world = World(backends, url)
            outbox = world.faulty()
            async with world.working(worker_id=transport, concurrency=64):
                await outbox.progress.until(lambda: _waiting(admin, neighbours) == 0, seconds=120)
    ((unjudged,),) = admin.execute("select count(*) from public.outbox where last_error like '%failed to judge%'")
    assert unjudged == 0


def _waiting(admin: psycopg.Connection, neighbours: Sequence[UUID]) -> int:
    ((waiting,),) = admin.execute(
        "select count(*) from public.outbox where tenant_id = any (%s) and status <> 'success'", [list(neighbours)]
    )
    return int(waiting)


async def _jobs_finish(admin: psycopg.Connection, backends: Backends, neighbours: Sequence[UUID]) -> None:
    admin.execute(
        "update public.connected_accounts set status = 'connected', scanned_at = null where tenant_id = any (%s)",
        [list(neighbours)],
    )
    context = JobContext(backends=backends, tools=cast("Tools", Provider()), rules={}, keep_settled=timedelta(days=90))
    problems = {}
    for name, job in JOBS.items():
        report = await job.run(context)
        for _ in range(MAX_RUNS):
            if name != "warm_scan" or not await backends.accounts.list_to_scan(limit=1):
                break
            report = await job.run(context)
        problems[name] = report.problem or ""
    assert {name: problem for name, problem in problems.items() if "bug" in problem} == {}
    for neighbour in neighbours:
        (account,) = await backends.accounts.list_accounts(neighbour)
        assert (account.status, account.scanned_at is not None) == ("expiring", True)
        assert [signal.tool_slug for signal in await backends.evidence.list_signals(neighbour)][:1] == [SCAN]


async def _lists_answer(backends: Backends) -> None:
    assert await backends.tenants.list_tenants()
    assert await backends.outbox.status()
    assert await backends.outbox.list_envelopes(None, status=None, limit=10_000)
    await backends.outbox.list_dead_letters(None, limit=10_000)
    await backends.approvals.list_open()


@asynccontextmanager
async def _over(transport: str, url: str, rest: RestStack) -> AsyncIterator[Backends]:
    opening = postgres_backends(url) if transport == "postgres" else supabase_backends(rest.url, rest.keys.secret)
    async with opening as backends:
        yield backends
