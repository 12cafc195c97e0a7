-- Insert a tenant, or update its name, plan and number of lanes.
-- call: not repeatable
create or replace function worker_api.save_tenant(
  tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select app_private.check_texts(
    'name', save_tenant.name, 'plan', save_tenant.plan, 'actor_type', save_tenant.actor_type,
    'actor_id', save_tenant.actor_id, 'door', save_tenant.door
  );
  select app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.tenants (id, name, plan, lanes)
  values (tenant, save_tenant.name, save_tenant.plan, save_tenant.lanes)
  on conflict (id) do update
  set name = excluded.name, plan = excluded.plan, lanes = excluded.lanes, updated_at = coalesce(as_of, now())
$$;
revoke all on function worker_api.save_tenant from public;
grant execute on function worker_api.save_tenant to service_role, app_rw;
