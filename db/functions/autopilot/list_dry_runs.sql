-- A page of the dry-runs of a cluster, also of those under earlier models, the newest first. `before` and `before_id`
-- are the `created_at` and id of the last dry-run of the page before.
-- call: replica
create or replace function autopilot.list_dry_runs(
  cluster uuid, tenant uuid default null, max_dry_runs integer default 50, before timestamptz default null,
  before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(d) order by d.created_at desc, d.id desc), '[]')
  from (
    select d.* from autopilot.dry_runs as d
    where d.organization_id = autopilot.tenant_of(list_dry_runs.tenant) and d.lineage_id = (
      select c.lineage_id from autopilot.clusters as c
      where c.organization_id = autopilot.tenant_of(list_dry_runs.tenant) and c.id = list_dry_runs.cluster
    ) and (d.created_at, d.id) < (
      select coalesce(list_dry_runs.before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    )
    order by d.created_at desc, d.id desc
    limit least(max_dry_runs, 1000)
  ) as d
$$;
revoke all on function autopilot.list_dry_runs from public;
grant execute on function autopilot.list_dry_runs to authenticated, service_role, app_rw, app_ro;
