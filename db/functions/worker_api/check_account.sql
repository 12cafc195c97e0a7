-- Store the result of a health check of an account. `seen` has the values that the check read: status, linked_at,
-- expires_at. If the account has other values now, a person may have linked it again, and nothing is written. Nothing
-- is written for a revoked account either. Returns whether the result was written.
-- call: repeatable
create or replace function worker_api.check_account(
  tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'system', door text default null
)
returns boolean
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
  select app_private.check_texts(
    'status', check_account.status, 'problem', check_account.problem, 'actor_type', check_account.actor_type,
    'actor_id', check_account.actor_id, 'door', check_account.door
  );
  select app_private.act_as(actor_type, actor_id, as_of, door);
  with written as (
    update public.connected_accounts as a
    set status = check_account.status, problem = check_account.problem, checked_at = coalesce(as_of, now())
    where a.tenant_id = check_account.tenant and a.id = check_account.account and a.status <> 'revoked'
      and (a.status, a.linked_at, a.expires_at) is not distinct from (
        seen ->> 'status', (seen ->> 'linked_at')::timestamptz, (seen ->> 'expires_at')::timestamptz
      )
    returning 1
  )
  select exists (select from written)
$$;
revoke all on function worker_api.check_account from public;
grant execute on function worker_api.check_account to service_role, app_rw;
