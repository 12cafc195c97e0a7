-- One tenant. Null if there is none. The columns of a pause that has ended are null. Security definer, because the
-- worker, which may read no table, calls this too.
-- call: repeatable
create or replace function worker_api.get_tenant(tenant uuid, as_of timestamptz default null)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(t) || case
    when t.pause_ends_at <= coalesce(as_of, now()) then jsonb_build_object('paused_at', null, 'paused_reason', null, 'pause_ends_at', null)
    else '{}'
  end
  from public.tenants as t
  where t.id = get_tenant.tenant
$$;
revoke all on function worker_api.get_tenant from public;
grant execute on function worker_api.get_tenant to service_role, app_rw, app_ro, outbox_worker;
