-- Stop executing envelopes of the tenant: see worker_api.pause_tenant. For owners and reviewers. Only an owner may
-- replace the end of a pause by an earlier time, because only owners may resume a tenant.
-- call: not repeatable
create or replace function tenant_api.pause_tenant(reason text default null, ends_at timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  tenant constant uuid := app_private.acting_tenant('owner', 'reviewer');
  caller record;
begin
  perform from public.tenants as t where t.id = tenant for no key update;
  if exists (
    select from public.tenants as t
    where t.id = tenant and t.paused_at is not null and coalesce(t.pause_ends_at, 'infinity') > now()
      and coalesce(pause_tenant.ends_at, 'infinity') < coalesce(t.pause_ends_at, 'infinity')
  ) then
    perform app_private.acting_tenant('owner');
  end if;
  select * into caller from app_private.acting_user();
  return worker_api.pause_tenant(
    tenant => tenant, reason => pause_tenant.reason, ends_at => pause_tenant.ends_at,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  );
end
$$;
revoke all on function tenant_api.pause_tenant from public;
grant execute on function tenant_api.pause_tenant to authenticated;
