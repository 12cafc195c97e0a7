-- Stop executing a tenant's envelopes until resume_tenant. Attempts in flight finish. Triggers append the audit row.
-- Raises PT404 when there is no such tenant.
-- call: not repeatable
create or replace function worker_api.pause_tenant(
  tenant uuid, actor_id text, reason text default null, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  changed public.tenants;
begin
  perform app_private.check_texts(
    'reason', pause_tenant.reason, 'actor_type', pause_tenant.actor_type, 'actor_id', pause_tenant.actor_id,
    'door', pause_tenant.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  perform from public.tenants as t where t.id = tenant for no key update;
  update public.tenants as t
  set paused_at = coalesce(t.paused_at, app_private.next_paused_at(t.id, coalesce(as_of, now()))), paused_reason = coalesce(reason, t.paused_reason),
      updated_at = coalesce(as_of, now())
  where t.id = tenant
  returning t.* into changed;
  if changed.id is null then
    raise exception 'tenant: no tenant %', tenant using errcode = 'PT404';
  end if;
  return to_jsonb(changed);
end
$$;
revoke all on function worker_api.pause_tenant from public;
grant execute on function worker_api.pause_tenant to service_role, app_rw;
