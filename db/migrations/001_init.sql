-- The core: tenants and their rules, the outbox and what became of its envelopes, the audit log.
--
-- Three schemas. `public` holds what tenants may read, under row-level security on the JWT's tenant_id claim.
-- `worker_api` holds the functions that change state; only service_role and outbox_worker may call them.
-- `app_private` holds helpers and is never exposed. Functions live in db/functions/, one file each; the few that
-- tables below depend on are here.
--
-- The database may be full of somebody's things: only what is ours, by name, is made, altered, granted or revoked.
-- `db migrate` has looked before that no name is taken.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create schema app_private;
create schema worker_api;
revoke all on schema app_private, worker_api from public;

-- The least-privilege worker: it may call worker_api and nothing else. The comment marks the role as ours.
do $$
begin
  if to_regrole('outbox_worker') is null then
    create role outbox_worker nologin nobypassrls;
    comment on role outbox_worker is 'Agent Control Plane: the worker';
  end if;
end
$$;

grant usage on schema worker_api to service_role, outbox_worker;
grant usage on schema app_private to authenticated;

-- The tenant of the caller's JWT; null (so no rows) when the claim is missing or no UUID. Read from the setting that
-- PostgREST makes, so that nothing depends on schema auth, which is Supabase's.
create or replace function app_private.current_tenant_id_uuid()
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when claim ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then claim::uuid
  end
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' as claim) as jwt
$$;
revoke all on function app_private.current_tenant_id_uuid() from public;
grant execute on function app_private.current_tenant_id_uuid() to authenticated;

-- ---------------------------------------------------------------------------------------------------------------
-- Tenants and their rules
-- ---------------------------------------------------------------------------------------------------------------

create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  plan text not null default 'standard',
  lanes smallint not null default 1,
  paused_at timestamptz,
  paused_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tenants_name_check check (name <> ''),
  constraint tenants_lanes_check check (lanes between 1 and 256),
  constraint tenants_paused_check check (paused_at is not null or paused_reason is null)
);
comment on column public.tenants.lanes is 'How many workers may serve this tenant at once; order is kept per ordering key.';
create index tenants_plan_idx on public.tenants (plan);

create table public.objectives (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id),
  title text not null,
  metric text not null,
  target text,
  horizon text,
  summary text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index objectives_tenant_metric_idx on public.objectives (tenant_id, metric);

create table public.guardrails (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id),
  quiet_hours jsonb not null default '{}',
  trust_threshold numeric not null default 0,
  scopes jsonb not null default '{}',
  require_evidence boolean not null default false,
  rate_limits jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint guardrails_quiet_hours_check
    check (jsonb_typeof(quiet_hours) = 'object' and octet_length(quiet_hours::text) <= 65536),
  constraint guardrails_trust_threshold_check check (trust_threshold between 0 and 1),
  constraint guardrails_scopes_check
    check (jsonb_typeof(scopes) = 'object' and octet_length(scopes::text) <= 65536),
  constraint guardrails_rate_limits_check
    check (jsonb_typeof(rate_limits) = 'object' and octet_length(rate_limits::text) <= 65536)
);
create unique index guardrails_tenant_uidx on public.guardrails (tenant_id);

create table public.connected_accounts (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id),
  provider text not null,
  status text not null default 'pending',
  scopes text[] not null default '{}',
  linked_at timestamptz,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint connected_accounts_status_check
    check (status in ('pending', 'connected', 'expiring', 'expired', 'revoked', 'error')),
  constraint connected_accounts_provider_check check (length(provider) between 1 and 255),
  constraint connected_accounts_scopes_check check (octet_length(scopes::text) <= 65536),
  constraint connected_accounts_metadata_check
    check (octet_length(metadata::text) <= 65536 and not jsonb_path_exists(metadata, '$.**{101}'))
);
create index connected_accounts_tenant_provider_idx on public.connected_accounts (tenant_id, provider);

create table public.tool_catalog (
  id bigserial primary key,
  tenant_id uuid not null references public.tenants (id),
  tool_slug text not null,
  display_name text not null default '',
  description text not null default '',
  version text not null,
  risk text not null default 'low',
  schema jsonb not null default '{}',
  required_scopes text[] not null default '{}',
  provider text not null,
  config jsonb not null default '{}',
  idempotent boolean not null default false,
  rate_bucket text,
  updated_at timestamptz not null default now(),
  constraint tool_catalog_tool_slug_check check (tool_slug <> ''),
  constraint tool_catalog_version_check check (version <> ''),
  constraint tool_catalog_risk_check check (risk in ('low', 'medium', 'high'))
);
create unique index tool_catalog_tenant_slug_version_idx on public.tool_catalog (tenant_id, tool_slug, version);

-- ---------------------------------------------------------------------------------------------------------------
-- The outbox, its dead-letter queue, and the approvals people give
-- ---------------------------------------------------------------------------------------------------------------

create table public.outbox (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id),
  tool_slug text not null,
  tool_version text,
  arguments jsonb not null default '{}',
  connected_account_id text,
  risk text not null default 'low',
  external_id text not null,
  trust_context jsonb not null default '{}',
  metadata jsonb not null default '{}',
  status text not null default 'pending',
  attempts integer not null default 0,
  next_run_at timestamptz not null default now(),
  last_error text,
  lane smallint not null default 0,
  ordering_key text generated always as (metadata ->> 'ordering_key') stored,
  verdicts jsonb not null default '[]',
  result jsonb,
  approved_digest text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint outbox_tool_slug_check check (tool_slug <> ''),
  constraint outbox_external_id_check check (external_id <> '' and length(external_id) <= 255),
  -- At most 100 levels deep: JSON readers break at some depth, and a row nobody can read would stop its lane.
  constraint outbox_arguments_check check (
    jsonb_typeof(arguments) = 'object' and octet_length(arguments::text) <= 65536
    and not jsonb_path_exists(arguments, '$.**{101}')
  ),
  constraint outbox_trust_context_check check (
    jsonb_typeof(trust_context) = 'object' and octet_length(trust_context::text) <= 65536
    and not jsonb_path_exists(trust_context, '$.**{101}')
  ),
  constraint outbox_metadata_check check (
    jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536
    and not jsonb_path_exists(metadata, '$.**{101}')
  ),
  constraint outbox_next_run_at_check check (isfinite(next_run_at)),
  constraint outbox_risk_check check (risk in ('low', 'medium', 'high')),
  constraint outbox_attempts_check check (attempts >= 0),
  constraint outbox_status_check check (
    status in ('pending', 'awaiting_approval', 'unknown', 'success', 'conflict', 'rejected', 'expired', 'cancelled')
  )
);
create unique index outbox_external_id_uidx on public.outbox (tenant_id, external_id);
create index outbox_tenant_status_idx on public.outbox (tenant_id, status);
-- What a lane has waiting, in the order it is served.
create index outbox_due_idx on public.outbox (tenant_id, lane, next_run_at, id) where status = 'pending';
-- The head of each ordering key: the others wait for it.
create index outbox_order_idx on public.outbox (tenant_id, ordering_key, created_at, id)
  where ordering_key is not null and status in ('pending', 'awaiting_approval', 'unknown');

create table public.outbox_dlq (
  id uuid primary key,
  tenant_id uuid not null references public.tenants (id),
  tool_slug text not null,
  tool_version text,
  arguments jsonb not null,
  connected_account_id text,
  risk text not null,
  external_id text not null,
  trust_context jsonb not null,
  metadata jsonb not null,
  status text not null,
  attempts integer not null,
  last_error text not null,
  lane smallint not null,
  verdicts jsonb not null,
  doubtful boolean not null default false,
  created_at timestamptz not null,
  moved_at timestamptz not null default now(),
  constraint outbox_dlq_status_check check (status in ('failed', 'denied'))
);
comment on column public.outbox_dlq.doubtful is
  'Its effect may have happened: only a person who names it gives it back to the queue.';
create index outbox_dlq_tenant_idx on public.outbox_dlq (tenant_id, moved_at desc);
create unique index outbox_dlq_external_id_uidx on public.outbox_dlq (tenant_id, external_id);

create table public.approvals (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references public.tenants (id),
  envelope_id uuid not null,
  digest text not null,
  reason text not null,
  decision text,
  decided_by text,
  decided_at timestamptz,
  decision_reason text,
  requested_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint approvals_decision_check check (decision in ('approved', 'rejected', 'expired')),
  constraint approvals_decided_check
    check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by is null))
);
create unique index approvals_open_uidx on public.approvals (tenant_id, envelope_id) where decision is null;
create index approvals_tenant_envelope_idx on public.approvals (tenant_id, envelope_id);
create index approvals_expiry_idx on public.approvals (expires_at) where decision is null;

-- ---------------------------------------------------------------------------------------------------------------
-- The audit log: append-only, one hash chain per tenant
-- ---------------------------------------------------------------------------------------------------------------

create table public.audit_log (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  actor_type text not null,
  actor_id text not null,
  category text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  seq bigint not null,
  previous_hash bytea not null,
  hash bytea not null
);
create index audit_log_tenant_created_idx on public.audit_log (tenant_id, created_at desc);
create unique index audit_log_tenant_seq_uidx on public.audit_log (tenant_id, seq);

-- Where each tenant's chain ends. Its row is the lock that puts a tenant's audit rows in one order.
create table app_private.audit_heads (
  tenant_id uuid primary key,
  seq bigint not null default 0,
  hash bytea not null default '\x'
) with (fillfactor = 50);

create type app_private.audit_entry as (
  tenant_id uuid,
  actor_type text,
  actor_id text,
  category text,
  payload jsonb
);

create or replace function app_private.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'audit_log: rows are never changed or deleted' using errcode = 'PT409';
end
$$;
revoke all on function app_private.refuse_change from public;
create trigger audit_log_append_only before update or delete or truncate on public.audit_log
  for each statement execute function app_private.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------
-- Lanes: who works where, and which lane is next
-- ---------------------------------------------------------------------------------------------------------------

-- One small row per (tenant, lane). `ready_at` is the one clock of a lane: free, it says when the lane has something
-- due (null: nothing); leased, it says when the lease runs out. Claiming takes the lanes whose moment came, oldest
-- first, and a served lane goes to the back: that is the round-robin over tenants.
create table app_private.lanes (
  tenant_id uuid not null,
  lane smallint not null,
  ready_at timestamptz,
  worker_id text,
  token bigint not null default 0,
  in_flight uuid[] not null default '{}',
  tokens bigint[] not null default '{}',
  sent uuid[] not null default '{}',
  primary key (tenant_id, lane),
  constraint lanes_lease_check check ((worker_id is null) = (in_flight = '{}')),
  constraint lanes_tokens_check check (cardinality(tokens) = cardinality(in_flight)),
  constraint lanes_sent_check check (sent <@ in_flight),
  constraint lanes_expiry_check check (worker_id is null or ready_at is not null)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on column app_private.lanes.token is 'Fencing token: grows with every claim.';
comment on column app_private.lanes.tokens is
  'Under which claim each envelope in flight was handed out; a settlement under another token is refused.';
comment on column app_private.lanes.sent is 'In flight and marked as sent to a tool that does not honour the idempotency key.';
create index lanes_ready_idx on app_private.lanes (ready_at);
create index lanes_worker_idx on app_private.lanes (worker_id) where worker_id is not null;

-- One token bucket per (tenant, bucket name), filled up lazily when tokens are taken.
create table app_private.rate_buckets (
  tenant_id uuid not null,
  bucket text not null,
  tokens double precision not null,
  filled_at timestamptz not null,
  primary key (tenant_id, bucket)
) with (fillfactor = 50);

-- What callers hand to worker_api.enqueue and worker_api.settle, which say what the fields mean.
create type app_private.proposal as (
  id uuid, tenant_id uuid, tool_slug text, tool_version text, arguments jsonb, connected_account_id text, risk text,
  external_id text, trust_context jsonb, metadata jsonb, next_run_at timestamptz
);
create type app_private.settlement as (
  tenant_id uuid, lane smallint, token bigint, envelope_id uuid, "to" text, error text, reason text, result jsonb,
  verdicts jsonb, next_run_at timestamptz, digest text, expires_at timestamptz, repeat boolean, doubtful boolean
);

-- ---------------------------------------------------------------------------------------------------------------
-- Row-level security: a tenant sees its own rows, and nothing else
-- ---------------------------------------------------------------------------------------------------------------

alter table public.tenants enable row level security;
alter table public.objectives enable row level security;
alter table public.guardrails enable row level security;
alter table public.connected_accounts enable row level security;
alter table public.tool_catalog enable row level security;
alter table public.outbox enable row level security;
alter table public.outbox_dlq enable row level security;
alter table public.approvals enable row level security;
alter table public.audit_log enable row level security;
alter table app_private.audit_heads enable row level security;
alter table app_private.lanes enable row level security;
alter table app_private.rate_buckets enable row level security;

create policy tenants_select on public.tenants for select to authenticated
  using (id = (select app_private.current_tenant_id_uuid()));

create policy objectives_select on public.objectives for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));

create policy guardrails_select on public.guardrails for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy guardrails_update on public.guardrails for update to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()))
  with check (tenant_id = (select app_private.current_tenant_id_uuid()));

create policy connected_accounts_select on public.connected_accounts for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy connected_accounts_insert on public.connected_accounts for insert to authenticated
  with check (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy connected_accounts_update on public.connected_accounts for update to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()))
  with check (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy connected_accounts_delete on public.connected_accounts for delete to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));

create policy tool_catalog_select on public.tool_catalog for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy outbox_select on public.outbox for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy outbox_dlq_select on public.outbox_dlq for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy approvals_select on public.approvals for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy audit_log_select on public.audit_log for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));

-- ---------------------------------------------------------------------------------------------------------------
-- Grants: written out. What default privileges would give is withheld: services/database/default_privileges.sql
-- ---------------------------------------------------------------------------------------------------------------

revoke all on public.tenants, public.objectives, public.guardrails, public.connected_accounts, public.tool_catalog,
  public.outbox, public.outbox_dlq, public.approvals, public.audit_log from anon, authenticated, service_role;
revoke all on sequence public.audit_log_id_seq, public.tool_catalog_id_seq from anon, authenticated, service_role;
revoke all on app_private.audit_heads, app_private.lanes, app_private.rate_buckets
  from public, anon, authenticated, service_role;

-- Who may use schema public is for its owner to say.
do $$
declare
  api text;
begin
  foreach api in array array['authenticated', 'service_role'] loop
    if not has_schema_privilege(api, 'public', 'usage') then
      raise warning '% may not use schema public, so it reaches no table of ours there: run: grant usage on schema public to %', api, api;
    end if;
  end loop;
end
$$;

grant select on public.tenants, public.objectives, public.guardrails, public.connected_accounts, public.tool_catalog,
  public.outbox, public.outbox_dlq, public.approvals, public.audit_log to authenticated, service_role;
grant update (quiet_hours, trust_threshold, scopes, require_evidence, rate_limits, updated_at)
  on public.guardrails to authenticated;
grant insert, update, delete on public.connected_accounts to authenticated;
grant insert, update, delete on public.tenants, public.objectives, public.guardrails, public.connected_accounts,
  public.tool_catalog to service_role;
grant usage on sequence public.tool_catalog_id_seq to service_role;
