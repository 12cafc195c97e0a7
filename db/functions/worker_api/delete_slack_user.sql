-- Remove a Slack user, who can then no longer decide approvals in Slack. Returns the row. Raises PT404 if there is
-- none.
-- call: not repeatable
create or replace function worker_api.delete_slack_user(
  tenant uuid, app text, slack_user_id text, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  deleted public.slack_users;
begin
  perform app_private.check_texts(
    'app', delete_slack_user.app, 'slack_user_id', delete_slack_user.slack_user_id,
    'actor_type', delete_slack_user.actor_type, 'actor_id', delete_slack_user.actor_id, 'door', delete_slack_user.door
  );
  perform set_config('app.door', coalesce(delete_slack_user.door, ''), true);
  delete from public.slack_users as u
  where u.tenant_id = delete_slack_user.tenant and u.app = delete_slack_user.app
    and u.slack_user_id = delete_slack_user.slack_user_id
  returning * into deleted;
  if deleted.tenant_id is null then
    raise exception 'slack user: no %', delete_slack_user.slack_user_id using errcode = 'PT404';
  end if;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[deleted.tenant_id], actor_type => delete_slack_user.actor_type,
    actor_id => delete_slack_user.actor_id, categories => array['slack_user.deleted'],
    payloads => array[jsonb_build_object(
      'app', deleted.app, 'slack_user_id', deleted.slack_user_id, 'user_id', deleted.user_id
    )],
    made_at => moment
  );
  return to_jsonb(deleted);
end
$$;
revoke all on function worker_api.delete_slack_user from public;
grant execute on function worker_api.delete_slack_user to service_role, app_rw;
