-- squawk-ignore-file ban-drop-function
-- What people and agents of a tenant may do for themselves. Schema `tenant_api` has one function for each thing: it takes
-- tenant and user from the claims of the JWT, checks the role within the tenant, and calls the same function of
-- `worker_api` that operators use. Reading stays under row-level security. docs/decisions/030 has the reasons.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create schema tenant_api;
revoke all on schema tenant_api from public;
grant usage on schema tenant_api, worker_api to authenticated;
grant usage, create on schema tenant_api to app_owner;

-- Listing by pages takes more arguments; db/functions creates these again.
drop function if exists worker_api.list_envelopes(uuid, text, integer);
drop function if exists worker_api.list_dead_letters(uuid, text, integer);

-- ---------------------------------------------------------------------------------------------------------------
-- Roles within a tenant
-- ---------------------------------------------------------------------------------------------------------------

-- The claim `tenant_role`. Whoever has none, or one that we do not know, is a member, who reads and changes nothing.
create or replace function app_private.current_tenant_role()
returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select case when claim in ('owner', 'reviewer', 'agent') then claim else 'member' end
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_role' as claim) as jwt
$$;
revoke all on function app_private.current_tenant_role() from public;
grant execute on function app_private.current_tenant_role() to authenticated;

-- Only owners change guardrails and accounts. Before, every user of a tenant could lower its thresholds.
alter policy guardrails_update on public.guardrails
  with check (tenant_id = (select app_private.current_tenant_id_uuid()) and (select app_private.current_tenant_role()) = 'owner');
alter policy connected_accounts_insert on public.connected_accounts
  with check (tenant_id = (select app_private.current_tenant_id_uuid()) and (select app_private.current_tenant_role()) = 'owner');
alter policy connected_accounts_update on public.connected_accounts
  with check (tenant_id = (select app_private.current_tenant_id_uuid()) and (select app_private.current_tenant_role()) = 'owner');
alter policy connected_accounts_delete on public.connected_accounts
  using (tenant_id = (select app_private.current_tenant_id_uuid()) and (select app_private.current_tenant_role()) = 'owner');

-- ---------------------------------------------------------------------------------------------------------------
-- Tokens with which agents call the API. The token itself is shown once and never stored.
-- ---------------------------------------------------------------------------------------------------------------

create table public.api_tokens (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  agent text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by text,
  primary key (tenant_id, id),
  constraint api_tokens_agent_check check (length(agent) between 1 and 255),
  constraint api_tokens_scopes_check check (scopes <> '{}' and scopes <@ array['propose', 'cancel', 'read']),
  constraint api_tokens_expires_at_check
    check (expires_at > created_at and expires_at <= created_at + interval '366 days'),
  constraint api_tokens_revoked_check check ((revoked_at is null) = (revoked_by is null))
);

-- The SHA-256 of each token, where nobody reads it. A token names its tenant, so that tenants can be sharded.
create table app_private.api_token_hashes (
  tenant_id uuid not null,
  token_hash bytea not null,
  token_id uuid not null,
  primary key (tenant_id, token_hash),
  constraint api_token_hashes_token_hash_check check (octet_length(token_hash) = 32),
  constraint api_token_hashes_token_fkey foreign key (tenant_id, token_id) references public.api_tokens (tenant_id, id)
);
create unique index api_token_hashes_token_idx on app_private.api_token_hashes (tenant_id, token_id);
alter table app_private.api_token_hashes enable row level security;
revoke all on app_private.api_token_hashes from public, anon, authenticated, service_role;

alter table public.api_tokens enable row level security;
create policy api_tokens_select on public.api_tokens for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
create policy api_tokens_app on public.api_tokens for select to app_rw, app_ro using (true);
revoke all on public.api_tokens from anon, authenticated, service_role;
grant select (tenant_id, id, agent, scopes, created_at, created_by, expires_at, revoked_at, revoked_by)
  on public.api_tokens to authenticated;
grant select on public.api_tokens to service_role, app_rw, app_ro;
alter table public.api_tokens alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
