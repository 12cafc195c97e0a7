-- The grants of a tenant that are in effect, the newest first, at most 1000. If `ended` is true, also those that were
-- revoked or have expired.
-- call: replica, columns 2 deep
create or replace function worker_api.list_grants(tenant uuid, ended boolean, as_of timestamptz default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(newest order by newest.issued_at desc, newest.id), '[]')
  from (
    select g.* from public.grants as g
    where g.tenant_id = list_grants.tenant
      and (list_grants.ended or (g.revoked_at is null and g.expires_at > coalesce(as_of, now())))
    order by g.issued_at desc, g.id
    limit 1000
  ) as newest
$$;
revoke all on function worker_api.list_grants from public;
grant execute on function worker_api.list_grants to service_role, app_rw, app_ro, authenticated;
