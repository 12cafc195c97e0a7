-- When this transaction commits, notify the listening workers that work is due. The other workers poll.
create or replace function app_private.notify_workers()
returns void language sql set search_path = pg_catalog, pg_temp as $$
  select pg_notify('outbox_due', '')
$$;
revoke all on function app_private.notify_workers from public;
