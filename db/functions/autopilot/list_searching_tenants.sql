-- The organizations that have articles without passages, or clusters of the active model for which articles are to be
-- searched. With `tenant`, only this one. For workers. Returns a list of ids.
-- call: repeatable
create or replace function autopilot.list_searching_tenants(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(o.id order by o.id), '[]')
  from public.tenants as o
  left join autopilot.knowledge_versions as v on v.organization_id = o.id
  where (list_searching_tenants.tenant is null or o.id = list_searching_tenants.tenant) and (
    exists (
      select from autopilot.knowledge_articles as a
      where a.organization_id = o.id and a.indexed_hash is distinct from a.content_hash
    ) or exists (
      select from autopilot.ml_models as m
      join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id
      where m.organization_id = o.id and m.active
        and (c.kb_status = 'PENDING' or c.searched_version is null or c.searched_version < v.version)
    )
  )
$$;
revoke all on function autopilot.list_searching_tenants from public;
grant execute on function autopilot.list_searching_tenants to service_role, app_rw;
