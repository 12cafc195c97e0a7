-- A page of the runs of a tenant, or of one connection, without their cursors, the newest first. `before` and
-- `before_id` are the `created_at` and id of the last run of the page before.
-- call: replica
create or replace function autopilot.list_runs(
  tenant uuid default null, connection uuid default null, max_runs integer default 50,
  before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  -- One branch for each index, and only one branch runs. The position is a sub-query, because under row-level security
  -- a condition with coalesce() cannot use an index.
  with chosen as (
    (
      select r.* from autopilot.ingestion_runs as r
      where list_runs.connection is null and r.organization_id = autopilot.tenant_of(list_runs.tenant)
        and (r.created_at, r.id) < (
          select coalesce(list_runs.before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by r.created_at desc, r.id desc
      limit least(max_runs, 1000)
    )
    union all
    (
      select r.* from autopilot.ingestion_runs as r
      where list_runs.connection is not null and r.organization_id = autopilot.tenant_of(list_runs.tenant)
        and r.data_source_connection_id = list_runs.connection and (r.created_at, r.id) < (
          select coalesce(list_runs.before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by r.created_at desc, r.id desc
      limit least(max_runs, 1000)
    )
  )
  select coalesce(jsonb_agg(to_jsonb(r) - 'cursor' order by r.created_at desc, r.id desc), '[]') from chosen as r
$$;
revoke all on function autopilot.list_runs from public;
grant execute on function autopilot.list_runs to authenticated, service_role, app_rw, app_ro;
