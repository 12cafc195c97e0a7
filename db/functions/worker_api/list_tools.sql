-- A tenant's tools, sorted by slug, the newest version first.
-- call: replica
create or replace function worker_api.list_tools(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(c order by c.tool_slug, c.id desc), '[]')
  from public.tool_catalog as c
  where c.tenant_id = list_tools.tenant
$$;
revoke all on function worker_api.list_tools from public;
grant execute on function worker_api.list_tools to service_role, app_rw, app_ro, authenticated;
