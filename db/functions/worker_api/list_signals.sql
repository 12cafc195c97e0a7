-- The summary of the latest reading of each tool in a tenant's scans, sorted by tool and account.
-- call: replica
create or replace function worker_api.list_signals(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(s order by s.tool_slug, s.connected_account_id), '[]')
  from public.signals as s
  where s.tenant_id = list_signals.tenant
$$;
revoke all on function worker_api.list_signals from public;
grant execute on function worker_api.list_signals to service_role, app_rw, app_ro, authenticated;
