-- Insert or update a connected account of the tenant: see worker_api.save_account. For owners.
-- call: not repeatable
create or replace function tenant_api.save_account(account jsonb)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.save_account(
    account => save_account.account || jsonb_build_object('tenant_id', app_private.acting_tenant('owner')),
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.save_account from public;
grant execute on function tenant_api.save_account to authenticated;
