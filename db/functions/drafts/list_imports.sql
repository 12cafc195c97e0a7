-- The imports of a tenant (rows of drafts.job_runs), the newest first. For everybody of the tenant. Raises PT404 and
-- PT403 as app_private.acting_caller does.
-- call: repeatable, columns 2 deep
create or replace function drafts.list_imports(
  max_imports integer default 50, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  return (
    select coalesce(jsonb_agg(to_jsonb(r) order by r.created_at desc, r.id), '[]')
    from (
      select r.* from drafts.job_runs as r
      where r.tenant_id = caller.tenant_id
      order by r.created_at desc, r.id
      limit least(max_imports, 1000)
    ) as r
  );
end
$$;
revoke all on function drafts.list_imports from public;
grant execute on function drafts.list_imports to authenticated, service_role, app_rw;
