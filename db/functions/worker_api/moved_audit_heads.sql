-- Which audit chains have grown. The n-th element of `seqs` is the last seq of the n-th tenant that the caller knows.
-- Returns {tenant_id: seq} with the new last seq of each tenant whose chain is longer now. This function is called many
-- times a second, so it reads one row per tenant, by index.
-- call: replica
create or replace function worker_api.moved_audit_heads(tenants uuid[], seqs bigint[])
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(h.tenant_id, h.seq), '{}')
  from unnest(moved_audit_heads.tenants, moved_audit_heads.seqs) as known (tenant_id, seq)
  join app_private.audit_heads as h on h.tenant_id = known.tenant_id and h.seq > known.seq
$$;
revoke all on function worker_api.moved_audit_heads from public;
grant execute on function worker_api.moved_audit_heads to service_role, app_rw, app_ro;
