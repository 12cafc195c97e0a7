-- A tenant's tools by slug, the newest version first.
create or replace function worker_api.list_tools(tenant uuid)
returns setof jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(c)
  from public.tool_catalog as c
  where c.tenant_id = list_tools.tenant
  order by c.tool_slug, c.id desc
$$;
revoke all on function worker_api.list_tools from public;
grant execute on function worker_api.list_tools to service_role, app_rw, app_ro;
