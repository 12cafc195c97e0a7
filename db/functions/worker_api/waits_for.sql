-- The oldest open envelope before this one with the same ordering key; null when nothing blocks it.
create or replace function worker_api.waits_for(tenant uuid, envelope uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(older)
  from public.outbox as o
  join public.outbox as older on older.tenant_id = o.tenant_id and older.ordering_key = o.ordering_key
  where o.id = waits_for.envelope
    and o.tenant_id = waits_for.tenant
    and older.status in ('pending', 'awaiting_approval', 'unknown')
    and (older.created_at, older.id) < (o.created_at, o.id)
  order by older.created_at, older.id
  limit 1
$$;
revoke all on function worker_api.waits_for from public;
grant execute on function worker_api.waits_for to service_role, app_rw, app_ro;
