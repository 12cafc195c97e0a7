-- Give a cluster of the active model a name for people, in place of the model's; null removes this label. Later models
-- keep the label. With `etag`, which `read_cluster` returns, the label must be the one that the caller saw. For owners
-- and reviewers. Raises PT404, PT403, PT400, and PT409 if the label has changed. Returns the cluster.
-- call: repeatable
create or replace function autopilot.set_label(
  cluster uuid, tenant uuid default null, label text default null, etag text default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts('label', set_label.label);
  if length(set_label.label) not between 1 and 255 then
    raise exception 'label: must have 1 to 255 characters' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  if set_label.etag <> left(md5(coalesce(locked.label, '')), 16) then
    raise exception 'label: it was changed to % meanwhile', coalesce(locked.label, 'none') using errcode = 'PT409';
  elsif locked.label is distinct from set_label.label then
    update autopilot.clusters as c set label = set_label.label
    where c.organization_id = locked.organization_id and c.id = locked.id
    returning c.* into locked;
    perform autopilot.add_audit(
      caller.tenant_id, caller.actor_type, caller.actor_id, 'cluster.labelled',
      jsonb_build_object('cluster_id', locked.id, 'has_label', locked.label is not null), moment
    );
  end if;
  return to_jsonb(locked);
end
$$;
revoke all on function autopilot.set_label from public;
grant execute on function autopilot.set_label to authenticated, service_role, app_rw;
