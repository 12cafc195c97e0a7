-- End the alerts whose burst was not found for an hour. For the job that finds bursts. Returns {ended}: how many.
-- call: repeatable
create or replace function autopilot.end_bursts(
  tenant uuid, actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
set enable_seqscan = off as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  ended autopilot.burst_alerts;
  count integer := 0;
begin
  perform app_private.act_by('system', end_bursts.actor_id, end_bursts.door);
  for ended in
    update autopilot.burst_alerts as a set status = 'ended', ended_at = moment
    where a.organization_id = end_bursts.tenant and a.status <> 'ended' and a.seen_at <= moment - interval '1 hour'
    returning a.*
  loop
    perform autopilot.add_audit(end_bursts.tenant, 'system', end_bursts.actor_id, 'burst_alert.ended', jsonb_build_object(
      'alert_id', ended.id, 'cluster_id', ended.cluster_id, 'tickets', ended.tickets
    ), moment);
    count := count + 1;
  end loop;
  return jsonb_build_object('ended', count);
end
$$;
revoke all on function autopilot.end_bursts from public;
grant execute on function autopilot.end_bursts to service_role, app_rw;
