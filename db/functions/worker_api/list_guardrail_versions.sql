-- The versions of a tenant's guardrails, the newest first. With `version`, only the version of this number.
-- call: replica
create or replace function worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(newest), '[]')
  from (
    select v.*
    from public.guardrail_versions as v
    where v.tenant_id = list_guardrail_versions.tenant
      and (list_guardrail_versions.version is null or v.version = list_guardrail_versions.version)
    order by v.version desc
    limit least(list_guardrail_versions.max_rows, 1000)
  ) as newest
$$;
revoke all on function worker_api.list_guardrail_versions from public;
grant execute on function worker_api.list_guardrail_versions to service_role, app_rw, app_ro, authenticated;
