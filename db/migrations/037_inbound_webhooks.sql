-- Addresses at which other systems tell a tenant of events. What they send becomes evidence.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table public.inbound_webhooks (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null,
  name text not null,
  secret_version integer not null default 1,
  secret_rotated_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  primary key (tenant_id, id),
  constraint inbound_webhooks_name_key unique (tenant_id, name),
  constraint inbound_webhooks_name_check check (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
  constraint inbound_webhooks_secret_version_check check (secret_version > 0)
);
comment on table public.inbound_webhooks is 'No secret is stored: signing secrets are computed from ACP_WEBHOOK_KEY.';
comment on column public.inbound_webhooks.name is 'The sender; its events are the evidence of the tool inbound.<name>.';

alter table public.inbound_webhooks enable row level security;
create policy inbound_webhooks_select on public.inbound_webhooks for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
create policy inbound_webhooks_app on public.inbound_webhooks for select to app_rw, app_ro using (true);
revoke all on public.inbound_webhooks from anon, authenticated, service_role;
grant select (tenant_id, id, name, secret_version, secret_rotated_at, created_at, created_by)
  on public.inbound_webhooks to authenticated;
grant select on public.inbound_webhooks to service_role, app_rw, app_ro;
alter table public.inbound_webhooks alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
