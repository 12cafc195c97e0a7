-- A tenant's objectives, sorted by metric and title.
-- call: replica
create or replace function worker_api.list_objectives(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(o order by o.metric, o.title, o.id), '[]')
  from public.objectives as o
  where o.tenant_id = list_objectives.tenant
$$;
revoke all on function worker_api.list_objectives from public;
grant execute on function worker_api.list_objectives to service_role, app_rw, app_ro, authenticated;
