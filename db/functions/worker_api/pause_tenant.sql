-- Stop executing a tenant's envelopes until `ends_at` or, if it is null, until resume_tenant. Attempts in flight
-- finish. If the tenant is paused already, `ends_at` replaces the stored end, even if it is null. `reason` replaces the
-- stored reason; if `reason` is null, the stored one stays. Returns the tenant. Raises PT404 for an unknown tenant, and
-- PT400 for an end that is not later than now.
-- call: not repeatable
create or replace function worker_api.pause_tenant(
  tenant uuid, actor_id text, reason text default null, as_of timestamptz default null,
  actor_type text default 'operator', door text default null, ends_at timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  before public.tenants;
  is_paused boolean;
  changed public.tenants;
begin
  perform app_private.check_texts(
    'reason', pause_tenant.reason, 'actor_type', pause_tenant.actor_type, 'actor_id', pause_tenant.actor_id,
    'door', pause_tenant.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  if pause_tenant.ends_at <= moment then
    raise exception 'ends_at: must be later than now' using errcode = 'PT400';
  end if;
  select * into before from public.tenants as t where t.id = tenant for no key update;
  if not found then
    raise exception 'tenant: no tenant %', tenant using errcode = 'PT404';
  end if;
  is_paused := before.paused_at is not null and (before.pause_ends_at is null or before.pause_ends_at > moment);
  if is_paused then   -- the pause may end earlier than before, so the envelopes that it holds are judged again
    perform app_private.do_at_commit(as_of, held_tenant => tenant, held_by => array['paused']);
  end if;
  update public.tenants as t
  set paused_at = case when is_paused then t.paused_at else app_private.next_paused_at(t.id, moment) end,
      paused_reason = case when is_paused then coalesce(reason, t.paused_reason) else reason end,
      pause_ends_at = pause_tenant.ends_at,
      updated_at = moment
  where t.id = tenant
  returning t.* into changed;
  return to_jsonb(changed);
end
$$;
revoke all on function worker_api.pause_tenant from public;
grant execute on function worker_api.pause_tenant to service_role, app_rw;
