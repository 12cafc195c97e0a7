-- Trigger: raise an error if a tenant has a value that is too long or that readers cannot parse. Only changed columns
-- are checked.
create or replace function app_private.check_tenant()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before public.tenants;   -- null on insert
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  perform
    new.name is not distinct from before.name or app_private.fits('name', new.name, 1024),
    new.plan is not distinct from before.plan or app_private.fits('plan', new.plan, 1024),
    new.paused_reason is not distinct from before.paused_reason
      or app_private.fits('paused_reason', new.paused_reason, 16384),
    new.paused_at is not distinct from before.paused_at or app_private.fits('paused_at', new.paused_at),
    new.created_at is not distinct from before.created_at or app_private.fits('created_at', new.created_at),
    new.updated_at is not distinct from before.updated_at or app_private.fits('updated_at', new.updated_at);
  return new;
end
$$;
revoke all on function app_private.check_tenant from public;
create or replace trigger tenants_checked before insert or update on public.tenants
  for each row execute function app_private.check_tenant();
