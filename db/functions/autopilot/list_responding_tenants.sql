-- The tenants with tickets that await an automatic response: see autopilot.list_awaiting_tickets. With `tenant`, only
-- this one. For workers.
-- call: repeatable
create or replace function autopilot.list_responding_tenants(tenant uuid default null)
returns jsonb language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(r.organization_id order by r.organization_id), '[]')
  from (
    select distinct c.organization_id from autopilot.clusters as c
    where c.auto_respond_at is not null
      and (list_responding_tenants.tenant is null or c.organization_id = list_responding_tenants.tenant)
  ) as r
  where autopilot.list_awaiting_tickets(r.organization_id, 1) <> '[]'
$$;
revoke all on function autopilot.list_responding_tenants from public;
grant execute on function autopilot.list_responding_tenants to service_role, app_rw;
