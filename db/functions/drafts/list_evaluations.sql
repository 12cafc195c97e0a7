-- The newest evaluations, the newest first. With a version of the prompt, only those of this version. For everybody of
-- the tenant.
-- call: repeatable, columns 2 deep
create or replace function drafts.list_evaluations(
  version text default null, max_evaluations integer default 50,
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
    select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at desc, e.id desc), '[]')
    from (
      select e.* from drafts.evaluations as e
      where e.tenant_id = caller.tenant_id
        and (list_evaluations.version is null or e.prompt_version = list_evaluations.version)
      order by e.created_at desc, e.id desc limit least(max_evaluations, 1000)
    ) as e
  );
end
$$;
revoke all on function drafts.list_evaluations from public;
grant execute on function drafts.list_evaluations to authenticated, service_role, app_rw;
