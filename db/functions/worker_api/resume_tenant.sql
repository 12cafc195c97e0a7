-- End a tenant's pause. Envelopes that the pause held are judged again at commit. Returns the tenant. Raises PT404 if
-- there is no such tenant.
-- call: not repeatable
create or replace function worker_api.resume_tenant(
  tenant uuid, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  changed public.tenants;
begin
  perform app_private.check_texts(
    'actor_type', resume_tenant.actor_type, 'actor_id', resume_tenant.actor_id, 'door', resume_tenant.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  perform from public.tenants as t where t.id = tenant for no key update;
  if not found then
    raise exception 'tenant: no tenant %', tenant using errcode = 'PT404';
  end if;
  perform app_private.do_at_commit(as_of, held_tenant => tenant, held_by => array['paused']);
  update public.tenants as t
  set paused_at = null, paused_reason = null, pause_ends_at = null, updated_at = coalesce(as_of, now())
  where t.id = tenant
  returning t.* into changed;
  return to_jsonb(changed);
end
$$;
revoke all on function worker_api.resume_tenant from public;
grant execute on function worker_api.resume_tenant to service_role, app_rw;
