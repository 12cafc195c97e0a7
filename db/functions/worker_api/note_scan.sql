-- Record that an account was scanned now. Returns false if the tenant has no such account.
-- call: repeatable
create or replace function worker_api.note_scan(
  tenant uuid, account uuid, actor_id text, as_of timestamptz default null,
  actor_type text default 'system', door text default null
)
returns boolean
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
  select app_private.check_texts(
    'actor_type', note_scan.actor_type, 'actor_id', note_scan.actor_id, 'door', note_scan.door
  );
  select app_private.act_as(actor_type, actor_id, as_of, door);
  with noted as (
    update public.connected_accounts as a
    set scanned_at = greatest(coalesce(as_of, now()), a.linked_at)
    where a.tenant_id = note_scan.tenant and a.id = note_scan.account
    returning 1
  )
  select exists (select from noted)
$$;
revoke all on function worker_api.note_scan from public;
grant execute on function worker_api.note_scan to service_role, app_rw;
