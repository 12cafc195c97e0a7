-- Insert or update a connected account. Envelopes on hold because of the account are judged again at commit.
-- call: not repeatable
create or replace function worker_api.save_account(
  account jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  perform app_private.check_texts(
    'actor_type', save_account.actor_type, 'actor_id', save_account.actor_id, 'door', save_account.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.connected_accounts (id, tenant_id, provider, status, scopes, linked_at, metadata, expires_at, problem)
  select
    a.id, a.tenant_id, a.provider, a.status, a.scopes, a.linked_at, a.metadata, a.expires_at, a.problem
  from jsonb_populate_record(null::public.connected_accounts, account) as a
  on conflict (tenant_id, id) do update
  set provider = excluded.provider, status = excluded.status, scopes = excluded.scopes,
      linked_at = excluded.linked_at, metadata = excluded.metadata, expires_at = excluded.expires_at,
      problem = excluded.problem, updated_at = coalesce(as_of, now());
end
$$;
revoke all on function worker_api.save_account from public;
grant execute on function worker_api.save_account to service_role, app_rw;
