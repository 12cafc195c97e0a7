"""How long do reads of autopilot take with a million tickets? The 95th percentile of each, and no table is scanned.

As the API and the console read, for a tenant with 800,000 of the tickets and for one of 5,000: as a user of the tenant,
and as an operator with the role `service_role`.
"""

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from control_plane.apps.autopilot.store import clusters, functions_of, models, proposals
from control_plane.apps.autopilot.store.list_tickets import count_tickets, list_tickets, read_ticket
from control_plane.apps.autopilot.tickets import TicketFilter
from services.backends.functions import Functions
from services.backends.open import postgres_access
from services.database.connect import connect
from services.envelope import Door
from tests.bench.runner import Figure, Lab

TICKETS, CLUSTERS = 1_000_000, 150
BIG = UUID("00000000-0000-4000-8000-000000000001")
SMALL = UUID("00000000-0000-4000-8000-000000000002")
READS, WARM_UP, PAGE = 300, 20, 51
P95 = 20.0
TABLES = ("tickets", "clusters", "ticket_counts", "cluster_members", "ml_models", "article_clusters")
SCANS = """
select coalesce(sum(seq_scan), 0)::int from pg_stat_user_tables where schemaname = 'autopilot' and relname = any (%s)
"""
OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""

# Of 40 tenants, the first has four fifths of the tickets. A quarter of a tenant's clusters has half of its tickets, and
# one ticket in thirty is in none. They were opened within a year, in the order of their numbers.
FILL = """
set role app_owner;
set work_mem = '256MB';
create temp table who as
select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as tenant_id from generate_series(1, 40) as n;
insert into public.tenants (id, name) select w.tenant_id, 'tenant ' || w.n from who as w;
insert into autopilot.ml_models (organization_id, id, external_model_id, model_name, active, activated_at)
select w.tenant_id, md5('model' || w.n)::uuid, 'autopilot:1', 'Tickets', true, now() from who as w;
insert into autopilot.clusters (organization_id, id, model_id, name, subcluster_name)
select
  w.tenant_id, md5('cluster' || w.n || '.' || k)::uuid, md5('model' || w.n)::uuid, 'Kind ' || k / 5, 'Part ' || k % 5
from who as w cross join generate_series(0, {clusters} - 1) as k;
insert into autopilot.cluster_centroids (organization_id, cluster_id, centroid, floor, cohesion)
select c.organization_id, c.id, decode(repeat('00', 1024), 'hex'), 0.4, 0.6 from autopilot.clusters as c;
insert into autopilot.knowledge_articles (organization_id, external_id, title, cluster_id)
select c.organization_id, 'KB ' || c.id, 'How to', c.id from autopilot.clusters as c where c.subcluster_name = 'Part 1';
insert into autopilot.tickets (
  organization_id, external_id, subject, description, external_status, cluster_id, score, source_created_at
)
select
  w.tenant_id, 'INC' || t.n, 'The VPN client of laptop ' || t.n || ' drops every ' || t.n % 60 || ' minutes',
  repeat('It happens at home and in the office. ', 5), (array['New', 'In progress', 'Resolved', 'Closed'])[1 + t.n % 4],
  case when t.n % 30 > 0 then md5('cluster' || w.n || '.' || case
    when hashint8(t.n) % 2 = 0 then abs(hashint8(t.n) % {clusters}) / 4 else abs(hashint8(t.n) % {clusters})
  end)::uuid end,
  0.4, now() - interval '1 year' * (1 - t.n::float8 / {tickets})
from generate_series(1, {tickets}) as t (n)
join who as w on w.n = case when t.n % 5 < 4 then 1 else 2 + t.n / 5 % 39 end
order by t.n;
insert into autopilot.cluster_members (organization_id, model_id, ticket_id, cluster_id, score)
select t.organization_id, c.model_id, t.id, t.cluster_id, t.score
from autopilot.tickets as t
join autopilot.clusters as c on c.organization_id = t.organization_id and c.id = t.cluster_id;
insert into autopilot.cluster_proposals (organization_id, model_id, kind, content)
select w.tenant_id, md5('model' || w.n)::uuid, 'move', jsonb_build_object(
  'sources', (select jsonb_agg(c.lineage_id) from (
    select o.lineage_id from autopilot.clusters as o where o.organization_id = w.tenant_id order by o.id limit 1
  ) as c),
  'target', (select o.lineage_id from autopilot.clusters as o where o.organization_id = w.tenant_id
    order by o.id desc limit 1),
  'name', 'Kind 1', 'overlap', '{{}}'::jsonb, 'cohesion_before', 0.5, 'cohesion_after', 0.6, 'tickets', 1,
  'examples', (select jsonb_agg(t.id) from (
    select o.id from autopilot.tickets as o where o.organization_id = w.tenant_id limit 5
  ) as t)
)
from who as w cross join generate_series(1, 60);
reset role;
"""


@dataclass(frozen=True, slots=True)
class Spans:
    """How long the reads took, by name: the highest 95th percentile of all tenants and roles."""

    lab: Lab
    slowest: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, who: str, tenant: UUID, milliseconds: list[float]) -> None:
        """Keep the reads of one caller."""
        p95 = statistics.quantiles(milliseconds, n=20)[18]
        size = "large" if tenant == BIG else "small"
        self.lab.say(
            f"  {name}, {who}, {size} tenant: median {statistics.median(milliseconds):.2f} ms, p95 {p95:.2f} ms"
        )
        self.slowest[name] = max(self.slowest.get(name, 0.0), p95)


async def measure(lab: Lab) -> list[Figure]:
    """Each read against its bar, the slowest of both tenants and roles, and the scans of whole tables."""
    with lab.database() as url:
        with connect(url) as connection:
            connection.execute(FILL.format(tickets=TICKETS, clusters=CLUSTERS).encode())
            connection.commit()
            connection.autocommit = True
            connection.execute("vacuum (analyze)")
        before, spans = _scans(url), Spans(lab)
        for tenant in (BIG, SMALL):
            rows = _rows(url, tenant)
            async with postgres_access(url, pool_size=1) as access:
                claims = {"tenant_id": str(tenant), "sub": "user-1", "role": "authenticated", "tenant_role": "reviewer"}
                user = access.as_tenant(tenant, claims, Door.API, None)
                await _measure("a user", functions_of(user), tenant, rows, spans)
            async with postgres_access(f"{url}?options=-c%20role%3Dservice_role", pool_size=1) as access:
                await _measure("an operator", functions_of(access.operator), tenant, rows, spans)
        scans = _scans(url) - before
    return [
        *(
            Figure.of(f"autopilot_lists/{name}", "ms", [milliseconds], f"{P95:.0f} ms", [P95], at_most=1)
            for name, milliseconds in spans.slowest.items()
        ),
        Figure.of("autopilot_lists/scans of whole tables", "scans, +1", [scans + 1], "none, +1", [1], at_most=1),
    ]


def _rows(url: str, tenant: UUID) -> tuple[list[tuple[datetime, UUID]], list[UUID]]:
    """Where pages of tickets begin, and the clusters."""
    with connect(url) as connection:
        places = connection.execute(
            "select source_created_at, id from autopilot.tickets where organization_id = %s"
            " order by random() limit 1000",
            [tenant],
        ).fetchall()
        found = connection.execute("select id from autopilot.clusters where organization_id = %s", [tenant]).fetchall()
    return [(at, id_) for at, id_ in places], [id_ for (id_,) in found]


async def _measure(
    who: str, functions: Functions, tenant: UUID, rows: tuple[list[tuple[datetime, UUID]], list[UUID]], spans: Spans
) -> None:
    places, cluster_ids = rows

    def tickets(**wanted: Any) -> Awaitable[object]:
        before = random.choice([None, random.choice(places)])  # noqa: S311  # no secret
        return list_tickets(functions, tenant, TicketFilter(**wanted), before=before, limit=PAGE)

    def any_cluster() -> UUID:
        return random.choice(cluster_ids)  # noqa: S311

    reads: Mapping[str, Callable[[], Awaitable[object]]] = {
        "clusters": lambda: clusters.list_clusters(functions, tenant),
        "one cluster": lambda: clusters.read_cluster(functions, tenant, any_cluster()),
        "how many tickets": lambda: count_tickets(functions, tenant),
        "tickets": tickets,
        "tickets of a cluster": lambda: tickets(cluster=any_cluster()),
        "tickets in no cluster": lambda: tickets(unclassified=True),
        "tickets of a status": lambda: tickets(status="New"),
        "tickets of a status that no ticket has": lambda: tickets(status="On hold"),
        "tickets by a word": lambda: tickets(search="every 7 minutes"),
        "tickets by a word that no ticket has": lambda: tickets(search="penguin"),
        "one ticket": lambda: read_ticket(functions, tenant, random.choice(places)[1]),  # noqa: S311
        "proposals": lambda: proposals.list_proposals(functions, tenant, limit=PAGE),
        "models": lambda: models.list_models(functions, tenant),
    }
    for name, read in reads.items():
        for _ in range(WARM_UP):
            await read()
        each: list[float] = []
        for _ in range(READS):
            started = time.perf_counter()
            await read()
            each.append((time.perf_counter() - started) * 1000)
        spans.add(name, who, tenant, each)


def _scans(url: str) -> int:
    """Counted when the connections of all reads have ended, because a connection reports its scans at its end."""
    with connect(url) as connection:
        while connection.execute(OTHERS).fetchall()[0][0]:
            pass
        return int(connection.execute(SCANS.encode(), [list(TABLES)]).fetchall()[0][0])
