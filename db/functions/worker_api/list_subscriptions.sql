-- The subscriptions of a tenant to its events, the oldest first.
-- call: replica
create or replace function worker_api.list_subscriptions(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(s order by s.created_at, s.id), '[]')
  from public.event_subscriptions as s
  where s.tenant_id = list_subscriptions.tenant
$$;
revoke all on function worker_api.list_subscriptions from public;
grant execute on function worker_api.list_subscriptions to service_role, app_rw, app_ro, authenticated;
