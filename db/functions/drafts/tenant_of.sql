-- The tenant whose rows a reading function returns: the one that an operator names, or the one in the caller's JWT.
-- Row-level security would be enough, but with this condition the queries use an index.
-- call: internal
create or replace function drafts.tenant_of(tenant uuid)
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(tenant, (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id')::uuid)
$$;
revoke all on function drafts.tenant_of from public;
grant execute on function drafts.tenant_of to authenticated, service_role, app_rw, app_ro;
