-- One envelope of a tenant, from the outbox or the dead-letter queue. Null if there is none.
-- call: repeatable
create or replace function worker_api.get_envelope(tenant uuid, envelope uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o))
  from public.outbox as o
  where o.id = get_envelope.envelope and o.tenant_id = get_envelope.tenant
  union all
  select to_jsonb(d) from public.outbox_dlq as d where d.id = get_envelope.envelope and d.tenant_id = get_envelope.tenant
$$;
revoke all on function worker_api.get_envelope from public;
grant execute on function worker_api.get_envelope to service_role, app_rw, app_ro, authenticated;
