-- Switch the automatic response of a cluster on or off (`config.auto_respond`). To switch it on, the cluster must have
-- knowledge (FOUND), enough trusted tickets (at least `trusted_percent` of the target, and at least `trusted_percent` of
-- all verdicts), and a dry-run that ended with its present articles. Only tickets that come later are answered. If the
-- settings have a tool for it, the message `cluster_notification` is enqueued in the same transaction. For owners.
-- Raises PT404, PT403, and PT409 with what is missing. Returns the cluster.
-- call: not repeatable
create or replace function autopilot.set_auto_respond(
  cluster uuid, is_on boolean, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
  missing text;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  if is_on then
    select string_agg(m.line, '; ') into missing
    from jsonb_array_elements_text(autopilot.readiness_of(locked) -> 'missing') as m (line);
    if missing is not null then
      raise exception 'cluster: %', missing using errcode = 'PT409';
    end if;
  end if;
  update autopilot.clusters as c
  set
    config = c.config || jsonb_build_object('auto_respond', is_on),
    auto_respond_at = case when is_on then coalesce(c.auto_respond_at, moment) end
  where c.organization_id = locked.organization_id and c.id = locked.id
  returning c.* into locked;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'cluster.auto_respond_set',
    jsonb_build_object('cluster_id', locked.id, 'is_on', is_on), moment
  );
  perform autopilot.send_message(
    caller.tenant_id, (autopilot.settings_of(caller.tenant_id)).cluster_tool_slug,
    'cluster_notification:' || gen_random_uuid(), locked.id::text, jsonb_build_object(
      'type', 'cluster_notification', 'tenant_id', caller.tenant_id, 'cluster_id', locked.id,
      'action', case when is_on then 'auto_respond_enabled' else 'auto_respond_disabled' end
    ), caller.actor_type, caller.actor_id, set_auto_respond.as_of
  );
  return to_jsonb(locked);
end
$$;
revoke all on function autopilot.set_auto_respond from public;
grant execute on function autopilot.set_auto_respond to authenticated, service_role, app_rw;
