-- A page of the records and messages of a tenant that could not be processed, without their payloads, the newest first.
-- `state` is `open` (nobody has dealt with it), `requested` (it waits to be processed again), `redriven` or `dismissed`;
-- null: all. `run`: only those of a run. `before` and `before_id` are the `created_at` and id of the last failure of the
-- page before.
-- call: replica
create or replace function autopilot.list_failures(
  tenant uuid default null, run uuid default null, state text default null, max_failures integer default 50,
  before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with chosen as (
    (
      select f.* from autopilot.message_processing_failures as f
      where list_failures.state = 'open' and f.organization_id = autopilot.tenant_of(list_failures.tenant)
        and f.redriven_at is null and f.dismissed_at is null and f.redrive_requested_at is null
        and (list_failures.run is null or f.run_id = list_failures.run) and (f.created_at, f.id) < (
          select coalesce(list_failures.before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by f.created_at desc, f.id desc
      limit least(max_failures, 1000)
    )
    union all
    (
      select f.* from autopilot.message_processing_failures as f
      where list_failures.state is distinct from 'open'
        and f.organization_id = autopilot.tenant_of(list_failures.tenant)
        and (list_failures.run is null or f.run_id = list_failures.run)
        and case list_failures.state
          when 'requested' then f.redriven_at is null and f.dismissed_at is null and f.redrive_requested_at is not null
          when 'redriven' then f.redriven_at is not null
          when 'dismissed' then f.redriven_at is null and f.dismissed_at is not null
          else true
        end
        and (f.created_at, f.id) < (
          select coalesce(list_failures.before, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by f.created_at desc, f.id desc
      limit least(max_failures, 1000)
    )
  )
  select coalesce(jsonb_agg(to_jsonb(f) - 'payload' order by f.created_at desc, f.id desc), '[]') from chosen as f
$$;
revoke all on function autopilot.list_failures from public;
grant execute on function autopilot.list_failures to authenticated, service_role, app_rw, app_ro;
