-- The tenants with tickets that await an automatic response: see autopilot.list_awaiting_tickets. With `tenant`, only
-- this one. For workers.
-- call: repeatable
create or replace function autopilot.list_responding_tenants(tenant uuid default null)
returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  -- From the settings, not from the clusters: a tenant has one row there, so its tickets are looked for once.
  select coalesce(jsonb_agg(s.organization_id order by s.organization_id), '[]')
  from autopilot.settings as s
  where s.response_tool_slug is not null
    and (list_responding_tenants.tenant is null or s.organization_id = list_responding_tenants.tenant)
    and autopilot.list_awaiting_tickets(s.organization_id, 1) <> '[]'
$$;
revoke all on function autopilot.list_responding_tenants from public;
grant execute on function autopilot.list_responding_tenants to service_role, app_rw;
