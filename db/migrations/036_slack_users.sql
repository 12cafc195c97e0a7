-- Who decides in Slack: an owner says which person of the tenant a Slack user is.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table public.slack_users (
  tenant_id uuid not null references public.tenants (id),
  app text not null,
  slack_user_id text not null,
  user_id text not null,
  created_at timestamptz not null,
  created_by text not null,
  primary key (tenant_id, app, slack_user_id),
  constraint slack_users_app_check check (length(app) between 1 and 255),
  constraint slack_users_slack_user_id_check check (slack_user_id ~ '^[A-Z0-9]{1,64}$'),
  constraint slack_users_user_id_check check (length(user_id) between 1 and 255)
);
comment on column public.slack_users.user_id is 'The subject of the person''s JWT. In Slack they decide as a reviewer.';

alter table public.slack_users enable row level security;
create policy slack_users_select on public.slack_users for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
create policy slack_users_app on public.slack_users for select to app_rw, app_ro using (true);
revoke all on public.slack_users from anon, authenticated, service_role;
grant select (tenant_id, app, slack_user_id, user_id, created_at, created_by) on public.slack_users to authenticated;
grant select on public.slack_users to service_role, app_rw, app_ro;
alter table public.slack_users alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
