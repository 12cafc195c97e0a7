-- squawk-ignore-file ban-drop-function
-- Grants: a person lets go, in advance and for at most seven days, the calls of some tools on one account whose arguments
-- meet some conditions. docs/decisions/037 has the reasons.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- It takes another argument now; db/functions creates it again.
drop function if exists worker_api.read_policies;

create table public.grants (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null,
  tools text not null,
  account_id uuid,
  arguments jsonb not null,
  reason text,
  issued_at timestamptz not null,
  issued_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by text,
  use_count bigint not null default 0,
  last_used_at timestamptz,
  primary key (tenant_id, id),
  constraint grants_tools_check check (tools ~ '^[^\s*]\S{0,254}$'),
  constraint grants_arguments_check check (jsonb_typeof(arguments) = 'array'),
  constraint grants_expires_at_check check (expires_at > issued_at and expires_at <= issued_at + interval '7 days'),
  constraint grants_revoked_check check ((revoked_at is null) = (revoked_by is null)),
  constraint grants_used_check check ((use_count = 0) = (last_used_at is null))
);
comment on column public.grants.tools is 'A tool slug, in which * stands for any characters.';
comment on column public.grants.account_id is 'Null: calls that use no account.';
comment on column public.grants.arguments is 'Conditions, which services/guardrails/grants.py describes. All must hold.';
create index grants_open_idx on public.grants (tenant_id, expires_at) where revoked_at is null;

alter table public.grants enable row level security;
-- An agent must not learn which of its calls a person would not see.
create policy grants_select on public.grants for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
    and (select app_private.current_tenant_role()) <> 'agent'
  );
create policy grants_app on public.grants for select to app_rw, app_ro using (true);
revoke all on public.grants from anon, authenticated, service_role;
grant select (
  tenant_id, id, tools, account_id, arguments, reason, issued_at, issued_by, expires_at, revoked_at, revoked_by,
  use_count, last_used_at
) on public.grants to authenticated;
grant select on public.grants to service_role, app_rw, app_ro;
alter table public.grants alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;

-- Which attempts a grant let go, so that a request that is sent again counts no second use, and a replay knows them. The
-- audit log is the record.
create table public.grant_uses (
  tenant_id uuid not null,
  envelope_id uuid not null,
  lane smallint not null,
  token bigint not null,
  grant_id uuid not null,
  used_at timestamptz not null,
  primary key (tenant_id, envelope_id, lane, token),
  constraint grant_uses_grant_fkey foreign key (tenant_id, grant_id) references public.grants (tenant_id, id)
);
comment on column public.grant_uses.token is 'Of the claim: see app_private.lanes.';
create index grant_uses_used_at_idx on public.grant_uses (tenant_id, used_at);
create index grant_uses_grant_idx on public.grant_uses (tenant_id, grant_id);
alter table public.grant_uses enable row level security;
create policy grant_uses_select on public.grant_uses for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
    and (select app_private.current_tenant_role()) <> 'agent'
  );
create policy grant_uses_app on public.grant_uses for select to app_rw, app_ro using (true);
revoke all on public.grant_uses from anon, authenticated, service_role;
grant select (tenant_id, envelope_id, lane, token, grant_id, used_at) on public.grant_uses to authenticated;
grant select on public.grant_uses to service_role, app_rw, app_ro;
alter table public.grant_uses alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
