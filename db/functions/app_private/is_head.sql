-- Whether nothing older with the same ordering key is still open. True where no order was asked for.
create or replace function app_private.is_head(tenant uuid, key text, proposed_at timestamptz, envelope uuid)
returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select key is null or not exists (
    select from public.outbox as older
    where older.tenant_id = tenant
      and older.ordering_key = key
      and older.status in ('pending', 'awaiting_approval', 'unknown')
      and (older.created_at, older.id) < (proposed_at, envelope)
  )
$$;
revoke all on function app_private.is_head from public;
