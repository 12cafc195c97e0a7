-- The failures that wait to be processed again, with their payloads, the oldest request first: of these `sources`,
-- which are queues or ids of connections. For workers: of one tenant, or of all tenants if `tenant` is null.
-- call: repeatable
create or replace function autopilot.list_redrives(
  sources text[], tenant uuid default null, max_failures integer default 100
)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by f.redrive_requested_at, f.organization_id, f.id), '[]')
  from (
    select f.* from autopilot.message_processing_failures as f
    where f.source = any (sources) and f.redriven_at is null and f.redrive_requested_at is not null
      and f.dismissed_at is null and (list_redrives.tenant is null or f.organization_id = list_redrives.tenant)
    order by f.redrive_requested_at, f.organization_id, f.id
    limit least(max_failures, 1000)
  ) as f
$$;
revoke all on function autopilot.list_redrives from public;
grant execute on function autopilot.list_redrives to service_role, app_rw;
