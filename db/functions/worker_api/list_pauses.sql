-- The pauses of a tenant that have not ended, sorted by kind and target. A pause of the whole tenant is in the tenant's
-- row.
-- call: replica
create or replace function worker_api.list_pauses(tenant uuid, as_of timestamptz default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(p order by p.kind, p.target), '[]')
  from public.pauses as p
  where p.tenant_id = list_pauses.tenant and (p.ends_at is null or p.ends_at > coalesce(as_of, now()))
$$;
revoke all on function worker_api.list_pauses from public;
grant execute on function worker_api.list_pauses to service_role, app_rw, app_ro, authenticated;
