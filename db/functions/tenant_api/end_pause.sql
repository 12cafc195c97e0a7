-- End the tenant's pause of a tool, an account or an agent: see worker_api.end_pause. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.end_pause(kind text, target text)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.end_pause(
    tenant => app_private.acting_tenant('owner', 'reviewer'), kind => end_pause.kind, target => end_pause.target,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.end_pause from public;
grant execute on function tenant_api.end_pause to authenticated;
