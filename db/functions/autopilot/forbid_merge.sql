-- Forbid later models to merge two clusters or, with `is_forbidden` false, allow it again. For owners and reviewers.
-- Raises PT404, PT403, PT400. Returns {lineages}: the `lineage_id` of each cluster.
-- call: repeatable
create or replace function autopilot.forbid_merge(
  cluster uuid, other_cluster uuid, tenant uuid default null, is_forbidden boolean default true,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  first_lineage uuid;
  second_lineage uuid;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if cluster = other_cluster then
    raise exception 'other_cluster: must be another cluster' using errcode = 'PT400';
  end if;
  first_lineage := (autopilot.lock_cluster(caller.tenant_id, least(cluster, other_cluster))).lineage_id;
  second_lineage := (autopilot.lock_cluster(caller.tenant_id, greatest(cluster, other_cluster))).lineage_id;
  if is_forbidden then
    insert into autopilot.cannot_links (organization_id, lineage_a, lineage_b, set_by, created_at)
    values (
      caller.tenant_id, least(first_lineage, second_lineage), greatest(first_lineage, second_lineage),
      coalesce(caller.actor_id, 'unnamed'), moment
    )
    on conflict do nothing;
  else
    delete from autopilot.cannot_links as l
    where l.organization_id = caller.tenant_id and l.lineage_a = least(first_lineage, second_lineage)
      and l.lineage_b = greatest(first_lineage, second_lineage);
  end if;
  perform autopilot.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'cluster.merge_forbidden',
    jsonb_build_object('clusters', jsonb_build_array(cluster, other_cluster), 'is_forbidden', is_forbidden), moment);
  return jsonb_build_object('lineages', jsonb_build_array(first_lineage, second_lineage));
end
$$;
revoke all on function autopilot.forbid_merge from public;
grant execute on function autopilot.forbid_merge to authenticated, service_role, app_rw;
