-- Whether the audit log has rows that drafts.follow_settlements has not read yet: rows of this tenant or, if `tenant`
-- is null, of any tenant. Only tenants that send replies count.
-- call: repeatable
create or replace function drafts.settlements_wait(tenant uuid default null)
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select exists (
    select from drafts.audit_positions as p
    join app_private.audit_heads as h on h.tenant_id = p.tenant_id and h.seq > p.seq
    where settlements_wait.tenant is null or p.tenant_id = settlements_wait.tenant
  )
$$;
revoke all on function drafts.settlements_wait from public;
grant execute on function drafts.settlements_wait to service_role, app_rw;
