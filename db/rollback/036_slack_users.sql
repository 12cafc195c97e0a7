drop function if exists tenant_api.save_slack_user, tenant_api.delete_slack_user, worker_api.save_slack_user,
  worker_api.delete_slack_user, worker_api.list_slack_users;
drop table public.slack_users;
