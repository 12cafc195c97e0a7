"""How long do lists and the overview take over HTTP with a million envelopes? The 99th percentile of each.

200 tenants with 5,000 envelopes each, and pages of 50. A user of a tenant reads the newest page and the next one, an
operator the newest of all tenants. One request at a time: this is about the pages, not about load.
"""

import json
import random
import statistics
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import jwt
import psycopg

from control_plane.settings import LOCAL_URL
from services.database.connect import connect
from services.database.rest.keys import Keys, load_or_create_keys
from tests.bench.runner import Figure, Lab
from tests.bench.serving import Connection, connected, http_request, serving, user_token

TENANTS, EACH, READS = 200, 5_000, 300
P99, P99_OF_OVERVIEW = 50.0, 500.0

FILL = """
set role app_owner;
create temp table who as
select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as tenant_id
from generate_series(1, %(tenants)s) as n;
insert into public.tenants (id, name) select tenant_id, 'tenant ' || n from who;
insert into public.outbox (
  id, tenant_id, tool_slug, tool_version, arguments, external_id, status, created_at, updated_at
)
select
  gen_random_uuid(), w.tenant_id, case s %% 10 when 0 then 'MAIL__send' else 'ORDERS__create' end, '1',
  jsonb_build_object('sku', 'bolt-m8', 'quantity', s, 'note', repeat('n', 120)), 'order-' || s,
  case s %% 20 when 0 then 'awaiting_approval' when 1 then 'pending' else 'success' end,
  now() - interval '1 second' * (%(each)s - s), now()
from generate_series(1, %(each)s) as s cross join who as w;
insert into public.approvals (tenant_id, envelope_id, tool_slug, risk, proposed_by, digest, reason, expires_at)
select
  o.tenant_id, o.id, o.tool_slug, o.risk, o.proposed_by, 'digest', 'its trust is too low',
  now() + interval '1 second' * random() * 259200
from public.outbox as o where o.status = 'awaiting_approval';
insert into public.outbox_dlq (
  id, tenant_id, tool_slug, tool_version, arguments, external_id, status, risk, trust_context, metadata, attempts,
  last_error, created_at, moved_at
)
select
  gen_random_uuid(), w.tenant_id, 'ORDERS__create', '1', '{}', 'dead-' || s, 'failed', 'low', '{}', '{}', 1,
  'no such order', now(), now() + interval '1 second' * s
from generate_series(1, %(each)s / 20) as s cross join who as w;
insert into app_private.lanes (tenant_id, lane, ready_at) select tenant_id, 0, now() from who on conflict do nothing;
with ends as (
  select
    o.*, row_number() over (partition by o.tenant_id order by o.created_at) + coalesce(h.seq, 0) as seq,
    least(o.created_at + random() * interval '1 minute', now()) as ended_at
  from public.outbox as o
  left join app_private.audit_heads as h on h.tenant_id = o.tenant_id
  where o.status = 'success'
), rows as (
  insert into public.audit_log (
    tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash
  )
  select
    e.tenant_id, 'worker', 'w', 'envelope.success', jsonb_build_object('envelope_id', e.id), e.ended_at, e.seq, '', ''
  from ends as e
)
insert into app_private.audit_heads as h (tenant_id, seq)
select e.tenant_id, max(e.seq) from ends as e group by 1
on conflict (tenant_id) do update set seq = excluded.seq;
"""
TENANT_LISTS = {
    "envelopes": "/v1/envelopes?limit=50",
    "envelopes of a status": "/v1/envelopes?limit=50&status=pending",
    "envelopes of a tool": "/v1/envelopes?limit=50&tool_slug=MAIL__send",
    "an external_id": "/v1/envelopes?limit=50&external_id=order-17",
    "a key by words": "/v1/envelopes?limit=50&words=order-17",
    "envelopes of a rare state": "/v1/envelopes?limit=50&status=unknown",
    "envelopes of a tool without any": "/v1/envelopes?limit=50&tool_slug=NEVER__called",
    "causes of dead letters": "/v1/dead-letters/causes?",
    "approvals": "/v1/approvals?limit=50",
    "approvals of a tool, by expiry": "/v1/approvals?limit=50&tool_slug=MAIL__send&order=expiring",
    "dead letters": "/v1/dead-letters?limit=50",
    "audit": "/v1/audit?limit=50",
}
OPERATOR_LISTS = {
    "envelopes of all tenants": "/v1/envelopes?limit=50",
    "approvals of all tenants": "/v1/approvals?limit=50",
    "approvals of all tenants, by expiry": "/v1/approvals?limit=50&order=expiring",
    "dead letters of all tenants": "/v1/dead-letters?limit=50",
}
TENANT_OVERVIEWS = {"overview": "/v1/overview", "history": "/v1/overview/history?period=1h"}
OPERATOR_OVERVIEWS = {
    "overview of all tenants": "/v1/overview",
    "history of all tenants": "/v1/overview/history?period=7d",
}


async def measure(lab: Lab) -> list[Figure]:
    """Each list, and each part of the overview, against its bar."""
    each = lab.sized(EACH)
    with lab.database() as url, TemporaryDirectory() as folder:
        fill(lab, url, each)
        keys = load_or_create_keys(Path(folder))
        async with AsyncExitStack() as stack:
            _, port = await stack.enter_async_context(serving(url, folder))
            client = await stack.enter_async_context(connected(port))
            of_tenants, of_operators = TENANT_LISTS | TENANT_OVERVIEWS, OPERATOR_LISTS | OPERATOR_OVERVIEWS
            spans = {
                **{name: await _tenant_reads(client, keys, path) for name, path in of_tenants.items()},
                **{name: await _operator_reads(client, keys, path) for name, path in of_operators.items()},
            }
    for name, milliseconds in spans.items():
        lab.say(f"  {name}: median {statistics.median(milliseconds):.1f} ms")
    bars = dict.fromkeys(TENANT_OVERVIEWS | OPERATOR_OVERVIEWS, P99_OF_OVERVIEW)
    return [
        _figure(name, statistics.quantiles(each, n=100)[98], bar=bars.get(name, P99)) for name, each in spans.items()
    ]


def fill(lab: Lab, url: str, each: int) -> None:
    """Give this database 200 tenants with so many envelopes each."""
    lab.say(f"  filling {TENANTS * each:,} envelopes")
    with connect(url) as connection:
        connection.execute(FILL % {"tenants": TENANTS, "each": each})
        connection.execute("vacuum analyze")
        _count_ends(connection)
    lab.settle_down()


def operator_token(keys: Keys) -> str:
    """The JWT of an operator."""
    claims = jwt.decode(user_token(keys, UUID(int=1)), options={"verify_signature": False})
    claims = {name: value for name, value in claims.items() if name != "tenant_id"}
    return keys.sign({**claims, "iss": f"{LOCAL_URL}/auth/v1", "app_metadata": {"operator": True}})


def _count_ends(connection: psycopg.Connection) -> None:
    """What the job end_counts does."""
    more = True
    while more:
        counted = connection.execute("select worker_api.count_ends(20000)").fetchone()
        more = counted is not None and counted[0]["more"]


def _figure(name: str, milliseconds: float, *, bar: float) -> Figure:
    return Figure.of(f"lists/{name}", "ms", [milliseconds], f"{bar:.0f} ms", [bar], at_most=1)


async def _tenant_reads(client: Connection, keys: Keys, path: str) -> list[float]:
    """Milliseconds of pages of many tenants: the newest, and the one after it."""
    spans: list[float] = []
    for number in [*range(-10, 0), *range(READS // 2)]:
        tenant = UUID(f"00000000-0000-4000-8000-{random.randint(1, TENANTS):012x}")  # noqa: S311  # no secret
        token = user_token(keys, tenant)
        page, milliseconds = await _read(client, path, token)
        more = page.get("next")
        spans += [milliseconds] if number >= 0 else []
        if more is not None:
            parameter = "before" if path.startswith("/v1/audit") else "after"
            _, milliseconds = await _read(client, f"{path}&{parameter}={more}", token)
            spans += [milliseconds] if number >= 0 else []
    return spans


async def _operator_reads(client: Connection, keys: Keys, path: str) -> list[float]:
    token = operator_token(keys)
    return [(await _read(client, path, token))[1] for _ in range(READS)]


async def _read(client: Connection, path: str, token: str) -> tuple[Mapping[str, object], float]:
    started = time.perf_counter()
    status, body = await client.send(http_request("GET", path, token))
    milliseconds = (time.perf_counter() - started) * 1000
    if status != 200:
        raise RuntimeError(f"{path}: {status}: {body.decode()[:500]}")
    return json.loads(body), milliseconds
