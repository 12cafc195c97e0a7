-- Mark tickets that the ticket system no longer has (`vanished`) or has again (`present`), up to 10,000 of each.
-- `is_last` records that all tickets of the connection were compared. For the worker that holds the lease of the run.
-- Raises PT404, PT409. Returns {marked}: how many tickets changed.
-- call: repeatable
create or replace function autopilot.mark_vanished(
  tenant uuid, run uuid, lease_token integer, vanished uuid[], present uuid[], is_last boolean,
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked autopilot.ingestion_runs;
  places tid[];
  gone integer;
  back integer;
begin
  perform app_private.act_by('system', mark_vanished.actor_id, mark_vanished.door);
  locked := autopilot.lock_leased(tenant, run, mark_vanished.lease_token, moment);
  perform pg_advisory_xact_lock(hashtextextended(tenant::text, 66));   -- as all that write many tickets
  places := autopilot.lock_tickets(tenant, vanished);
  update autopilot.tickets as t set vanished_at = moment
  where t.organization_id = tenant and t.ctid = any (places) and t.vanished_at is null
    and t.data_source_connection_id = locked.data_source_connection_id;
  get diagnostics gone = row_count;
  places := autopilot.lock_tickets(tenant, present);
  update autopilot.tickets as t set vanished_at = null
  where t.organization_id = tenant and t.ctid = any (places) and t.vanished_at is not null
    and t.data_source_connection_id = locked.data_source_connection_id;
  get diagnostics back = row_count;
  if is_last then
    update autopilot.data_source_connections as c set ids_listed_at = moment
    where c.organization_id = tenant and c.id = locked.data_source_connection_id;
  end if;
  if gone + back > 0 then
    perform autopilot.add_audit(tenant, 'system', mark_vanished.actor_id, 'tickets.compared', jsonb_build_object(
      'run_id', locked.id, 'connection_id', locked.data_source_connection_id, 'vanished', gone, 'present_again', back
    ), moment);
  end if;
  return jsonb_build_object('marked', gone + back);
end
$$;
revoke all on function autopilot.mark_vanished from public;
grant execute on function autopilot.mark_vanished to service_role, app_rw;
