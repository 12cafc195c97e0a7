-- The Slack users of a tenant who may decide approvals, sorted by app and id; at most 1000.
-- call: repeatable
create or replace function worker_api.list_slack_users(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(u order by u.app, u.slack_user_id), '[]')
  from public.slack_users as u
  where u.tenant_id = list_slack_users.tenant
$$;
revoke all on function worker_api.list_slack_users from public;
grant execute on function worker_api.list_slack_users to service_role, app_rw, authenticated;
