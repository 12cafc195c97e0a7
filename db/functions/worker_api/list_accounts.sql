-- A tenant's connected accounts. The account that was linked last comes first.
-- call: replica
create or replace function worker_api.list_accounts(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(a order by a.linked_at desc nulls last, a.id), '[]')
  from public.connected_accounts as a
  where a.tenant_id = list_accounts.tenant
$$;
revoke all on function worker_api.list_accounts from public;
grant execute on function worker_api.list_accounts to service_role, app_rw, app_ro, authenticated;
