-- A page of the burst alerts of a tenant, the newest first, each with the name of its cluster (`cluster`; null for
-- tickets without a cluster). With `is_current`, only alerts that have not ended. `before` and `before_id` are the
-- `created_at` and id of the last alert of the page before.
-- call: replica
create or replace function autopilot.list_bursts(
  tenant uuid default null, is_current boolean default false, max_alerts integer default 50,
  before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off as $$
  select coalesce(jsonb_agg(
    to_jsonb(n) || jsonb_build_object('cluster', (
      select coalesce(c.label, concat_ws(' / ', c.name, nullif(c.subcluster_name, '')))
      from autopilot.clusters as c where c.organization_id = n.organization_id and c.id = n.cluster_id
    ))
    order by n.created_at desc, n.id desc
  ), '[]')
  from (
    select a.* from autopilot.burst_alerts as a
    where a.organization_id = autopilot.tenant_of(list_bursts.tenant)
      and (a.created_at, a.id) < (
        select coalesce(list_bursts.before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
      and (not list_bursts.is_current or a.status <> 'ended')
    order by a.created_at desc, a.id desc limit least(max_alerts, 1000)
  ) as n
$$;
revoke all on function autopilot.list_bursts from public;
grant execute on function autopilot.list_bursts to authenticated, service_role, app_rw, app_ro;
