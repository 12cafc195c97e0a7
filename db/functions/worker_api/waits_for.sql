-- The envelope that an envelope waits for: the oldest open one that was proposed before it with the same ordering key.
-- Null if there is none.
-- call: repeatable
create or replace function worker_api.waits_for(tenant uuid, envelope uuid)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o))
  from (
    select older.tenant_id, older.id
    from app_private.open_envelopes as older
    join public.outbox as this on this.tenant_id = older.tenant_id and this.ordering_key = older.ordering_key
    where this.id = waits_for.envelope
      and this.tenant_id = waits_for.tenant
      and (older.created_at, older.id) < (this.created_at, this.id)
    order by older.created_at, older.id
    limit 1
  ) as first
  join public.outbox as o on o.tenant_id = first.tenant_id and o.id = first.id
$$;
revoke all on function worker_api.waits_for from public;
grant execute on function worker_api.waits_for to service_role, app_rw, app_ro;
