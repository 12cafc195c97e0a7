-- What a cluster of the active model needs before it may answer by itself, and how far it is: see
-- autopilot.readiness_of. Raises PT404.
-- call: replica
create or replace function autopilot.read_readiness(cluster uuid, tenant uuid default null)
returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  found_cluster autopilot.clusters;
begin
  select c.* into found_cluster
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
  where c.organization_id = autopilot.tenant_of(read_readiness.tenant) and c.id = read_readiness.cluster;
  if not found then
    raise exception 'cluster: the active model has no cluster %', cluster using errcode = 'PT404';
  end if;
  return autopilot.readiness_of(found_cluster);
end
$$;
revoke all on function autopilot.read_readiness from public;
grant execute on function autopilot.read_readiness to authenticated, service_role, app_rw, app_ro;
