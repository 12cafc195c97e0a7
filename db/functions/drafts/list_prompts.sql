-- The newest versions of a tenant's prompt, the newest first. For everybody of the tenant.
-- call: repeatable, columns 2 deep
create or replace function drafts.list_prompts(
  max_prompts integer default 100,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  caller record;
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  return (
    select coalesce(jsonb_agg(to_jsonb(p) order by p.created_at desc, p.version desc), '[]')
    from (
      select p.* from drafts.prompts as p where p.tenant_id = caller.tenant_id
      order by p.created_at desc, p.version desc limit least(max_prompts, 1000)
    ) as p
  );
end
$$;
revoke all on function drafts.list_prompts from public;
grant execute on function drafts.list_prompts to authenticated, service_role, app_rw;
