-- Store which person of the tenant a Slack user is: see worker_api.save_slack_user. For owners.
-- call: repeatable
create or replace function tenant_api.save_slack_user(app text, slack_user_id text, user_id text)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.save_slack_user(
    tenant => app_private.acting_tenant('owner'), app => save_slack_user.app,
    slack_user_id => save_slack_user.slack_user_id, user_id => save_slack_user.user_id,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.save_slack_user from public;
grant execute on function tenant_api.save_slack_user to authenticated;
