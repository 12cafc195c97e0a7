-- Start a sync of each connection that is due (see due_connections) and not locked. Starts at most `max_runs`:
-- a first one of each tenant, then a second one of each, and so on. For the scheduler, over all tenants. Returns
-- {started}: how many.
-- call: repeatable
create or replace function autopilot.start_due_syncs(
  max_runs integer default 100, actor_id text default 'autopilot_sync', door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  due autopilot.data_source_connections;
  started integer := 0;
begin
  perform app_private.act_by('system', start_due_syncs.actor_id, start_due_syncs.door);
  for due in
    select c.* from autopilot.data_source_connections as c
    join (
      select d.*, row_number() over (partition by d.organization_id order by d.id) as turn
      from autopilot.due_connections(moment) as d
    ) as d on d.organization_id = c.organization_id and d.id = c.id
    order by d.turn, c.organization_id, c.id
    limit least(max_runs, 1000)
    for no key update of c skip locked
  loop
    continue when autopilot.open_run_of(due.organization_id, due.id) is not null;   -- started meanwhile
    perform autopilot.add_run(
      due.organization_id, due, 'sync', 'system', start_due_syncs.actor_id, start_due_syncs.as_of
    );
    started := started + 1;
  end loop;
  return jsonb_build_object('started', started);
end
$$;
revoke all on function autopilot.start_due_syncs from public;
grant execute on function autopilot.start_due_syncs to service_role, app_rw;
