-- The failures that wait to be processed again, with their payloads: of these `sources`, which are queues or ids of
-- connections. For workers: of one tenant, the oldest request first; or, if `tenant` is null, of all tenants, the oldest
-- request of each tenant first, then the second one of each, and so on.
-- call: repeatable
create or replace function autopilot.list_redrives(
  sources text[], tenant uuid default null, max_failures integer default 100
)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by w.turn, f.redrive_requested_at, f.organization_id, f.id), '[]')
  from (
    select f.organization_id, f.id, f.redrive_requested_at, row_number() over (
      partition by f.organization_id order by f.redrive_requested_at, f.id
    ) as turn
    from autopilot.message_processing_failures as f
    where f.source = any (sources) and f.redriven_at is null and f.redrive_requested_at is not null
      and f.dismissed_at is null and (list_redrives.tenant is null or f.organization_id = list_redrives.tenant)
    order by turn, f.redrive_requested_at, f.organization_id, f.id
    limit least(max_failures, 1000)
  ) as w
  join autopilot.message_processing_failures as f on f.organization_id = w.organization_id and f.id = w.id
$$;
revoke all on function autopilot.list_redrives from public;
grant execute on function autopilot.list_redrives to service_role, app_rw;
