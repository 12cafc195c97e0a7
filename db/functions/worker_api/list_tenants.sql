-- Every tenant, sorted by name. The columns of a pause that has ended are null.
-- call: replica
create or replace function worker_api.list_tenants(as_of timestamptz default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(t) || case
    when t.pause_ends_at <= coalesce(as_of, now()) then jsonb_build_object('paused_at', null, 'paused_reason', null, 'pause_ends_at', null)
    else '{}'
  end order by t.name, t.id), '[]')
  from public.tenants as t
$$;
revoke all on function worker_api.list_tenants from public;
grant execute on function worker_api.list_tenants to service_role, app_rw, app_ro, authenticated;
