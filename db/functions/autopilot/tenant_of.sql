-- The tenant whose rows a reading function returns: the one that an operator names, or that of the caller's claims.
-- Row-level security protects the rows anyway; with this condition an index can be used for all callers.
-- call: internal
create or replace function autopilot.tenant_of(tenant uuid)
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(tenant, (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id')::uuid)
$$;
revoke all on function autopilot.tenant_of from public;
grant execute on function autopilot.tenant_of to authenticated, service_role, app_rw, app_ro;
