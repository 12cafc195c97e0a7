-- The inbound webhooks of a tenant, sorted by name.
-- call: repeatable
create or replace function worker_api.list_inbound_webhooks(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(w order by w.name), '[]')
  from public.inbound_webhooks as w
  where w.tenant_id = list_inbound_webhooks.tenant
$$;
revoke all on function worker_api.list_inbound_webhooks from public;
grant execute on function worker_api.list_inbound_webhooks to service_role, app_rw, authenticated;
