-- Start a shadow run of the tenant: see worker_api.start_shadow. For owners.
-- call: not repeatable
create or replace function tenant_api.start_shadow(id uuid, candidate jsonb, lasts_for interval, max_envelopes integer)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.start_shadow(
    tenant => app_private.acting_tenant('owner'), id => start_shadow.id, candidate => start_shadow.candidate,
    lasts_for => start_shadow.lasts_for, max_envelopes => start_shadow.max_envelopes,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.start_shadow from public;
grant execute on function tenant_api.start_shadow to authenticated;
