-- Requeue a dead letter of the tenant with other arguments: see worker_api.requeue_edited. For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.requeue_edited(envelope uuid, edited_arguments jsonb, reason text default null)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.requeue_edited(
    tenant => app_private.acting_tenant('owner', 'reviewer'), envelope => requeue_edited.envelope,
    edited_arguments => requeue_edited.edited_arguments, reason => requeue_edited.reason,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.requeue_edited from public;
grant execute on function tenant_api.requeue_edited to authenticated;
