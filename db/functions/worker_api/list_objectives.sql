-- A tenant's objectives by metric and title.
create or replace function worker_api.list_objectives(tenant uuid)
returns setof jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(o)
  from public.objectives as o
  where o.tenant_id = list_objectives.tenant
  order by o.metric, o.title, o.id
$$;
revoke all on function worker_api.list_objectives from public;
grant execute on function worker_api.list_objectives to service_role, app_rw, app_ro;
