-- Whether the audit log has rows that autopilot.follow_settlements has not read yet: rows of this tenant or, if
-- `tenant` is null, of any tenant. Only tenants with envelopes of autopilot count.
-- call: repeatable
create or replace function autopilot.settlements_wait(tenant uuid default null)
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select exists (
    select from autopilot.audit_positions as p
    join app_private.audit_heads as h on h.tenant_id = p.organization_id and h.seq > p.seq
    where settlements_wait.tenant is null or p.organization_id = settlements_wait.tenant
  )
$$;
revoke all on function autopilot.settlements_wait from public;
grant execute on function autopilot.settlements_wait to service_role, app_rw;
