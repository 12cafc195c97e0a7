-- The tenant whose rows a reading function returns: `tenant` if it is given, else the tenant in the caller's JWT.
-- Functions select rows by this tenant, so that an index can be used for all callers. Row-level security protects the
-- rows in any case.
-- call: internal
create or replace function autopilot.tenant_of(tenant uuid)
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(tenant, (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id')::uuid)
$$;
revoke all on function autopilot.tenant_of from public;
grant execute on function autopilot.tenant_of to authenticated, service_role, app_rw, app_ro;
