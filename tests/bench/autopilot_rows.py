"""A million tickets of one tenant, and a thousand of each of 39 others, with all that belongs to them."""

from uuid import UUID

TENANTS, CLUSTERS = 40, 150
BIG = UUID("00000000-0000-4000-8000-000000000001")
SMALL = UUID("00000000-0000-4000-8000-000000000002")

# Keys, indexes and triggers of the two large tables are made again after their rows: that takes a fifth of the time.
KEEP_OUT = """
create temp table later as
select
  format('alter table %s add constraint %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as made,
  format('alter table %s drop constraint %I', c.conrelid::regclass, c.conname) as dropped
from pg_constraint as c
where c.contype = 'f' and c.conrelid in ('autopilot.tickets'::regclass, 'autopilot.cluster_members'::regclass)
union all
select pg_get_indexdef(i.indexrelid), format('drop index %s', i.indexrelid::regclass)
from pg_index as i
where i.indrelid in ('autopilot.tickets'::regclass, 'autopilot.cluster_members'::regclass)
  and not exists (select from pg_constraint as c where c.conindid = i.indexrelid);
do $$
declare
  statement text;
begin
  alter table autopilot.tickets disable trigger user;
  for statement in select l.dropped from later as l loop
    execute statement;
  end loop;
end
$$;
"""
BRING_BACK = """
do $$
declare
  statement text;
begin
  alter table autopilot.tickets enable trigger user;
  for statement in select l.made from later as l loop
    execute statement;
  end loop;
end
$$;
"""

# A quarter of a tenant's clusters has half of its tickets, and one ticket in thirty is in none. They were opened within
# a year, in the order of their numbers. 4 in 100 are open, 26 are closed by their status alone, and the others have a
# resolution.
FILL = """
set role app_owner;
set work_mem = '256MB';
set maintenance_work_mem = '512MB';
create temp table who as
select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as tenant_id
from generate_series(1, {tenants}) as n;
insert into public.tenants (id, name) select w.tenant_id, 'tenant ' || w.n from who as w;
insert into autopilot.settings (organization_id, response_tool_slug, cost_per_hour)
select w.tenant_id, 'answer_ticket', 60 from who as w;
insert into autopilot.data_source_connections (organization_id, id, connection_type, name)
select w.tenant_id, md5('connection' || w.n || '.' || k)::uuid, (array['servicenow', 'jira'])[k], 'Desk ' || k
from who as w cross join generate_series(1, 2) as k;
insert into autopilot.ml_models (organization_id, id, external_model_id, model_name, active, activated_at, created_at)
select
  w.tenant_id, md5('model' || w.n || '.' || g)::uuid, 'autopilot:' || g, 'Tickets', g = 1, now() - interval '1 day' * g,
  now() - interval '1 day' * g
from who as w cross join generate_series(1, 10) as g
where g = 1 or w.n < 3;
insert into autopilot.clusters (
  organization_id, id, lineage_id, model_id, name, subcluster_name, validation_target, kb_status, searched_version,
  config, auto_respond_at
)
select
  w.tenant_id, md5('cluster' || w.n || '.' || k || '.' || g)::uuid, md5('lineage' || w.n || '.' || k)::uuid,
  md5('model' || w.n || '.' || g)::uuid, 'Kind ' || k / 5, 'Part ' || k % 5, 16,
  case when k % 5 = 0 then 'GAP' else 'FOUND' end, 1000000,
  case when k % 5 = 1 then '{{"auto_respond": true}}'::jsonb else '{{}}' end,
  case when k % 5 = 1 then now() - interval '180 days' end
from who as w cross join generate_series(0, {clusters} - 1) as k cross join generate_series(1, 10) as g
where g = 1 or w.n < 3;
insert into autopilot.cluster_centroids (organization_id, cluster_id, centroid, floor, cohesion)
select c.organization_id, c.id, decode(repeat('00', 1024), 'hex'), 0.4, 0.6 from autopilot.clusters as c;
insert into autopilot.cluster_times (organization_id, cluster_id, usual_hours, resolved_tickets)
select c.organization_id, c.id, 60, 500
from autopilot.clusters as c
join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active;
insert into autopilot.knowledge_articles (organization_id, external_id, title, content, cluster_id)
select
  w.tenant_id, 'KB ' || a, 'How to repair part ' || a, repeat('Restart the computer, then sign in again. ', 40),
  case when a < {clusters} and a % 5 > 0 then md5('cluster' || w.n || '.' || a || '.1')::uuid end
from who as w cross join generate_series(1, 5000) as a
where w.n = 1 or a < {clusters};
update autopilot.knowledge_articles as a set indexed_hash = a.content_hash;
insert into autopilot.tickets (
  organization_id, id, data_source_connection_id, external_id, subject, description, external_status, cluster_id, score,
  source_created_at, source_updated_at, created_at, updated_at, resolved_at, resolution, response_state, verdict,
  verdict_by, verdict_at, verdict_lineage_id, classified_hash
)
select
  w.tenant_id, md5('ticket' || t.n)::uuid, md5('connection' || w.n || '.' || 1 + t.n % 2)::uuid, 'INC' || t.n,
  t.subject, t.description,
  case when t.part < 2 then 'New' when t.part < 4 then 'In progress' when t.part < 30 then 'Closed' else 'Resolved' end,
  case when t.k is not null then md5('cluster' || w.n || '.' || t.k || '.1')::uuid end,
  (hashint8(t.n * 7) + 2147483648)::float8 / 8589934592, t.at, t.at + interval '1 hour' * t.part,
  t.at + interval '5 minutes', t.at + interval '1 hour' * t.part,
  case when t.part >= 30 then t.at + interval '1 hour' * t.part end,
  case when t.part >= 30 then 'The client was installed again.' end,
  case when t.k is not null and t.n % 50 = 1 then 'sent' end,
  case when t.k is not null and t.n % 200 = 3 then 'trusted' end,
  case when t.k is not null and t.n % 200 = 3 then 'user-1' end,
  case when t.k is not null and t.n % 200 = 3 then t.at end,
  case when t.k is not null and t.n % 200 = 3 then md5('lineage' || w.n || '.' || t.k)::uuid end,
  case when t.n % 3000 > 0 then hashtextextended(t.subject || E'\n' || t.description, 0) end
from (
  select
    s.n, case when s.n % 26 = 0 then 2 + s.n / 26 % ({tenants} - 1) else 1 end as place,
    now() - interval '1 year' * (1 - s.n::float8 / ({tickets} * 1.04)) as at,
    'The VPN client of laptop ' || s.n || ' drops every ' || s.n % 60 || ' minutes' as subject,
    repeat('It happens at home and in the office. ', 5) as description, abs(hashint8(s.n + 11) % 100) as part,
    case when s.n % 30 > 0 then case
      when hashint8(s.n) % 2 = 0 then abs(hashint8(s.n) % {clusters}) / 4 else abs(hashint8(s.n) % {clusters})
    end end as k
  from generate_series(1, ({tickets} * 1.04)::bigint) as s (n)
) as t
join who as w on w.n = t.place;
insert into autopilot.cluster_members (organization_id, model_id, ticket_id, cluster_id, score)
select t.organization_id, c.model_id, t.id, t.cluster_id, t.score
from autopilot.tickets as t
join autopilot.clusters as c on c.organization_id = t.organization_id and c.id = t.cluster_id;
insert into autopilot.ticket_counts (organization_id, cluster_id, external_status, tickets)
select t.organization_id, t.cluster_id, t.external_status, count(*) from autopilot.tickets as t group by 1, 2, 3;
insert into autopilot.analytics_cluster_daily (
  organization_id, cluster_id, day, total_tickets, automated_count, kb_gap_count
)
select
  d.organization_id, d.cluster_id, d.day, d.tickets, d.automated,
  case when c.kb_status = 'GAP' then d.tickets else 0 end
from (
  select
    t.organization_id, t.cluster_id, (t.source_created_at at time zone 'UTC')::date as day, count(*) as tickets,
    count(*) filter (where t.response_state = 'sent') as automated
  from autopilot.tickets as t where t.cluster_id is not null group by 1, 2, 3
) as d
join autopilot.clusters as c on c.organization_id = d.organization_id and c.id = d.cluster_id;
"""
REST = """
insert into autopilot.responses (organization_id, ticket_id, lineage_id, state, answer, score, created_at, settled_at)
select t.organization_id, t.id, c.lineage_id, 'sent', 'Restart the computer.', 0.5, t.created_at, t.created_at
from autopilot.tickets as t
join autopilot.clusters as c on c.organization_id = t.organization_id and c.id = t.cluster_id
where t.response_state = 'sent';
update autopilot.clusters as c
set examples = (
  select jsonb_agg(t.id) from (
    select o.id from autopilot.tickets as o where o.organization_id = c.organization_id and o.cluster_id = c.id limit 5
  ) as t
)
where c.subcluster_name in ('Part 1', 'Part 2') and exists (
  select from autopilot.tickets as o where o.organization_id = c.organization_id and o.cluster_id = c.id
);
insert into autopilot.cluster_proposals (organization_id, model_id, kind, content)
select w.tenant_id, md5('model' || w.n || '.1')::uuid, 'move', jsonb_build_object(
  'sources', jsonb_build_array(md5('lineage' || w.n || '.0')::uuid), 'target', md5('lineage' || w.n || '.1')::uuid,
  'name', 'Kind 1', 'overlap', '{{}}'::jsonb, 'cohesion_before', 0.5, 'cohesion_after', 0.6, 'tickets', 1,
  'examples', (select jsonb_agg(t.id) from (
    select o.id from autopilot.tickets as o where o.organization_id = w.tenant_id limit 5
  ) as t)
)
from who as w cross join generate_series(1, 60);
insert into autopilot.article_drafts (
  organization_id, cluster_id, lineage_id, title, content, ticket_count, envelope_id, drafted_by, created_at
)
select
  w.tenant_id, md5('cluster' || w.n || '.' || k || '.1')::uuid, md5('lineage' || w.n || '.' || k)::uuid, 'How to',
  repeat('Restart the computer. ', 100), 20, gen_random_uuid(), 'user-1', now() - interval '1 day' * d
from who as w cross join generate_series(0, {clusters} - 1, 5) as k cross join generate_series(1, 10) as d
where w.n < 3;
insert into autopilot.burst_alerts (
  organization_id, lineage_id, cluster_id, status, started_at, seen_at, window_minutes, tickets, expected, probability,
  ended_at, created_at
)
select
  w.tenant_id, md5('lineage' || w.n || '.' || b % {clusters})::uuid,
  md5('cluster' || w.n || '.' || b % {clusters} || '.1')::uuid, case when b < 10 then 'open' else 'ended' end,
  now() - interval '1 hour' * b, now() - interval '1 hour' * b, 60, 9, 0.5, 0, case when b >= 10 then now() end,
  now() - interval '1 hour' * b
from who as w cross join generate_series(1, 5000) as b
where w.n = 1 or w.n = 2 and b < 50;
insert into autopilot.ingestion_runs (
  organization_id, id, data_source_connection_id, status, completed_at, created_at, records_processed
)
select
  w.tenant_id, md5('run' || w.n || '.' || r)::uuid, md5('connection' || w.n || '.' || 1 + r % 2)::uuid, 'completed',
  now() - interval '1 hour' * r, now() - interval '1 hour' * r, 100
from who as w cross join generate_series(1, 10000) as r
where w.n = 1 or w.n = 2 and r < 50;
insert into autopilot.ingestion_runs (
  organization_id, data_source_connection_id, status, worker_id, lease_until, lease_token
)
select w.tenant_id, md5('connection' || w.n || '.1')::uuid, 'running', 'w', now() + interval '1 day', 1 from who as w;
insert into autopilot.message_processing_failures (
  organization_id, source, run_id, external_id, code, created_at, redriven_at
)
select
  w.tenant_id, md5('connection' || w.n || '.1')::uuid, md5('run' || w.n || '.' || 1 + f % 40)::uuid, 'INC' || f,
  'subject_missing', now() - interval '1 hour' * f, case when f % 50 > 0 then now() end
from who as w cross join generate_series(1, 20000) as f
where w.n = 1 or w.n = 2 and f < 100;
insert into autopilot.received_messages (organization_id, key, queue, seq, subject_id, payload, created_at)
select
  w.tenant_id, 'message ' || m, 'data_source_status', m, gen_random_uuid(), '{{"status": "completed"}}',
  now() - interval '1 minute' * m
from who as w cross join generate_series(1, 20000) as m
where w.n = 1 or w.n = 2 and m < 100;
insert into autopilot.dry_runs (
  organization_id, id, cluster_id, lineage_id, basis, status, cases, done, answered, created_at, completed_at
)
select
  w.tenant_id, md5('dry run' || w.n || '.' || k || '.' || d)::uuid, md5('cluster' || w.n || '.' || k || '.1')::uuid,
  md5('lineage' || w.n || '.' || k)::uuid, 'basis', 'completed', 20, 20, 20, now() - interval '1 day' * d, now()
from who as w cross join generate_series(0, {clusters} - 1) as k cross join generate_series(1, 60) as d
where w.n < 3;
insert into autopilot.dry_run_cases (organization_id, dry_run_id, place, ticket_id, answer, score, done_at)
select w.tenant_id, md5('dry run' || w.n || '.' || k || '.1')::uuid, p.place, p.id, 'Restart the computer.', 0.5, now()
from who as w
cross join generate_series(0, {clusters} - 1) as k
cross join lateral (
  select row_number() over () as place, t.id from (
    select o.id from autopilot.tickets as o where o.organization_id = w.tenant_id limit 20
  ) as t
) as p
where w.n < 3;
reset role;
"""


def rows_for(tickets: int) -> str:
    """The statements that fill a migrated database, for a tenant with so many tickets."""
    values = {"tickets": tickets, "tenants": TENANTS, "clusters": CLUSTERS}
    head, body = FILL.split("insert into autopilot.tickets", 1)
    return (
        head.format(**values) + KEEP_OUT + ("insert into autopilot.tickets" + body).format(**values) + BRING_BACK
        + REST.format(**values)
    )  # fmt: skip
