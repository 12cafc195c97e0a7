-- Subscriptions to the events of a tenant. The job event_delivery reads the audit log and makes an envelope of each event
-- for each subscription, so the worker delivers events as it executes calls. docs/decisions/040 has the reasons.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table public.event_subscriptions (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null,
  kind text not null,
  target text not null,
  via text,
  event_types text[] not null,
  description text not null default '',
  secret_version integer not null default 1,
  secret_rotated_at timestamptz,
  read_seq bigint not null,
  failures integer not null default 0,
  disabled_at timestamptz,
  disabled_reason text,
  created_at timestamptz not null,
  created_by text not null,
  primary key (tenant_id, id),
  constraint event_subscriptions_kind_check check (kind in ('webhook', 'slack')),
  constraint event_subscriptions_target_check check (length(target) between 1 and 1024),
  constraint event_subscriptions_via_check check (length(via) between 1 and 255),
  constraint event_subscriptions_event_types_check check (cardinality(event_types) between 1 and 50),
  constraint event_subscriptions_description_check check (length(description) <= 255),
  constraint event_subscriptions_secret_version_check check (secret_version > 0),
  constraint event_subscriptions_failures_check check (failures >= 0),
  constraint event_subscriptions_disabled_check check ((disabled_at is null) = (disabled_reason is null))
);
comment on table public.event_subscriptions is
  'Who is told about a tenant''s events. No secret is stored: signing secrets are computed from ACP_WEBHOOK_KEY.';
comment on column public.event_subscriptions.target is
  'Where to: the URL of a webhook, or the id of a Slack channel.';
comment on column public.event_subscriptions.via is 'The name of a Slack app in ACP_SLACK_APPS; null for other kinds.';
comment on column public.event_subscriptions.event_types is 'Such as approval.requested, or envelope.* for all of a noun.';
comment on column public.event_subscriptions.read_seq is 'The seq of the last audit row that was made into events.';
comment on column public.event_subscriptions.failures is 'Deliveries that became dead letters since the last success.';

alter table public.event_subscriptions enable row level security;
create policy event_subscriptions_select on public.event_subscriptions for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
create policy event_subscriptions_app on public.event_subscriptions for select to app_rw, app_ro using (true);
revoke all on public.event_subscriptions from anon, authenticated, service_role;
grant select (
  tenant_id, id, kind, target, via, event_types, description, secret_version, secret_rotated_at, read_seq, failures,
  disabled_at, disabled_reason, created_at, created_by
) on public.event_subscriptions to authenticated;
grant select on public.event_subscriptions to service_role, app_rw, app_ro;
alter table public.event_subscriptions
  alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;

-- The envelopes that deliver events and have not been counted: how many a subscription has is bounded.
create table app_private.event_deliveries (
  tenant_id uuid not null,
  subscription_id uuid not null,
  envelope_id uuid not null,
  primary key (tenant_id, subscription_id, envelope_id),
  constraint event_deliveries_subscription_fkey foreign key (tenant_id, subscription_id)
    references public.event_subscriptions (tenant_id, id) on delete cascade
);
alter table app_private.event_deliveries enable row level security;
revoke all on app_private.event_deliveries from public, anon, authenticated, service_role;
