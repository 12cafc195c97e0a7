-- The models of a tenant, the newest first, each with the number of its `clusters` and `open_proposals`.
-- call: replica
create or replace function autopilot.list_models(tenant uuid default null, max_models integer default 100)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(
    to_jsonb(m) || jsonb_build_object('clusters', (
      select count(*) from autopilot.clusters as c where c.organization_id = m.organization_id and c.model_id = m.id
    ), 'open_proposals', (
      select count(*) from autopilot.cluster_proposals as p
      where p.organization_id = m.organization_id and p.model_id = m.id and p.status = 'open'
    ))
    order by m.created_at desc, m.id
  ), '[]')
  from (
    select o.* from autopilot.ml_models as o
    where o.organization_id = autopilot.tenant_of(list_models.tenant)
    order by o.created_at desc, o.id
    limit least(max_models, 1000)
  ) as m
$$;
revoke all on function autopilot.list_models from public;
grant execute on function autopilot.list_models to authenticated, service_role, app_rw, app_ro;
