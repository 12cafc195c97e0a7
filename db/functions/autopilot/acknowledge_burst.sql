-- Say that somebody takes care of a burst. The alert stays until the burst ends. For owners and reviewers. Raises PT404,
-- PT403, and PT409 if the alert is not open. Returns the alert.
-- call: not repeatable
create or replace function autopilot.acknowledge_burst(
  alert uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.burst_alerts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  select * into locked from autopilot.burst_alerts as a
  where a.organization_id = caller.tenant_id and a.id = acknowledge_burst.alert for update;
  if not found then
    raise exception 'alert: no alert %', alert using errcode = 'PT404';
  elsif locked.status <> 'open' then
    raise exception 'alert: it is %', locked.status || coalesce(' by ' || locked.acknowledged_by, '')
      using errcode = 'PT409';
  end if;
  update autopilot.burst_alerts as a
  set status = 'acknowledged', acknowledged_at = moment, acknowledged_by = coalesce(caller.actor_id, 'unnamed')
  where a.organization_id = locked.organization_id and a.id = locked.id
  returning a.* into locked;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'burst_alert.acknowledged',
    jsonb_build_object('alert_id', locked.id, 'cluster_id', locked.cluster_id), moment
  );
  return to_jsonb(locked);
end
$$;
revoke all on function autopilot.acknowledge_burst from public;
grant execute on function autopilot.acknowledge_burst to authenticated, service_role, app_rw;
