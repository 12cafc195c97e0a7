-- Lock a cluster of the active model, for a change that a person makes. Raises PT404. Returns the cluster.
-- call: internal
create or replace function autopilot.lock_cluster(organization uuid, cluster uuid)
returns autopilot.clusters
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  locked autopilot.clusters;
begin
  select c.* into locked
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
  where c.organization_id = organization and c.id = cluster
  for no key update of c;
  if not found then
    raise exception 'cluster: the active model has no cluster %', cluster using errcode = 'PT404';
  end if;
  return locked;
end
$$;
revoke all on function autopilot.lock_cluster from public;
