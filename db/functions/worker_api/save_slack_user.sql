-- Store which person of a tenant a Slack user is, so that the person can decide approvals in Slack. An earlier entry of
-- the Slack user is replaced. Returns the row. Raises PT404 for an unknown tenant, and PT400 for an invalid argument or
-- if the tenant has 1000 Slack users.
-- call: repeatable
create or replace function worker_api.save_slack_user(
  tenant uuid, app text, slack_user_id text, user_id text, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  saved public.slack_users;
begin
  perform app_private.check_texts(
    'app', save_slack_user.app, 'slack_user_id', save_slack_user.slack_user_id, 'user_id', save_slack_user.user_id,
    'actor_type', save_slack_user.actor_type, 'actor_id', save_slack_user.actor_id, 'door', save_slack_user.door
  );
  perform set_config('app.door', coalesce(save_slack_user.door, ''), true);
  if coalesce(save_slack_user.slack_user_id, '') !~ '^[A-Z0-9]{1,64}$' then
    raise exception 'slack_user_id: must be the id of a Slack user, such as U012AB3CD' using errcode = 'PT400';
  elsif length(coalesce(save_slack_user.user_id, '')) not between 1 and 255 then
    raise exception 'user_id: must have 1 to 255 characters' using errcode = 'PT400';
  elsif length(coalesce(save_slack_user.app, '')) not between 1 and 255 then
    raise exception 'app: must have 1 to 255 characters' using errcode = 'PT400';
  elsif not exists (select from public.tenants as t where t.id = save_slack_user.tenant) then
    raise exception 'tenant_id: no tenant %', save_slack_user.tenant using errcode = 'PT404';
  elsif (
    select count(*) >= 1000 from public.slack_users as u
    where u.tenant_id = save_slack_user.tenant
      and (u.app, u.slack_user_id) <> (save_slack_user.app, save_slack_user.slack_user_id)
  ) then
    raise exception 'slack_users: a tenant has at most 1000; delete some first' using errcode = 'PT400';
  end if;
  insert into public.slack_users (tenant_id, app, slack_user_id, user_id, created_at, created_by)
  values (
    save_slack_user.tenant, save_slack_user.app, save_slack_user.slack_user_id, save_slack_user.user_id, moment,
    save_slack_user.actor_id
  )
  on conflict on constraint slack_users_pkey do update
  set user_id = excluded.user_id, created_at = excluded.created_at, created_by = excluded.created_by
  returning * into saved;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[saved.tenant_id], actor_type => save_slack_user.actor_type,
    actor_id => save_slack_user.actor_id, categories => array['slack_user.saved'],
    payloads => array[jsonb_build_object(
      'app', saved.app, 'slack_user_id', saved.slack_user_id, 'user_id', saved.user_id
    )],
    made_at => moment
  );
  return to_jsonb(saved);
end
$$;
revoke all on function worker_api.save_slack_user from public;
grant execute on function worker_api.save_slack_user to service_role, app_rw;
