-- Insert or update an objective of the tenant: see worker_api.save_objective. For owners.
-- call: not repeatable
create or replace function tenant_api.save_objective(objective jsonb, replaces jsonb default null)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.save_objective(
    objective => save_objective.objective || jsonb_build_object('tenant_id', app_private.acting_tenant('owner')),
    replaces => save_objective.replaces, actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.save_objective from public;
grant execute on function tenant_api.save_objective to authenticated;
