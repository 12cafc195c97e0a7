-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, ban-drop-constraint, ban-drop-function
-- squawk-ignore-file require-concurrent-index-creation
--
-- What the scans read through a tenant's accounts: evidence, which proposals refer to, and signals, what each tool said
-- last. Tenants read their own.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table public.evidence (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  tool_slug text not null,
  connected_account_id uuid,
  sha256 text not null,
  content jsonb not null,
  observed_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (tenant_id, id),
  constraint evidence_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint evidence_content_check check (octet_length(content::text) <= 4194304)   -- 64 KiB as tools write it: 1e-300 has 302 digits here
);
comment on table public.evidence is 'What a tool answered to a scan, once per answer; text from outside.';
comment on column public.evidence.sha256 is 'Of the content as canonical JSON: services/canonical.py.';
comment on column public.evidence.observed_at is 'When a scan read it first; seen_at: last.';
create unique index evidence_content_uidx on public.evidence (tenant_id, tool_slug, connected_account_id, sha256)
  nulls not distinct;
create index evidence_tenant_seen_idx on public.evidence (tenant_id, seen_at desc, id);

create table public.signals (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  tool_slug text not null,
  connected_account_id uuid,
  value jsonb not null,
  evidence_id uuid not null,
  observed_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, id),
  constraint signals_evidence_fkey foreign key (tenant_id, evidence_id) references public.evidence (tenant_id, id)
);
comment on table public.signals is 'What each tool said last to a scan, in short, and since when.';
create unique index signals_tool_uidx on public.signals (tenant_id, tool_slug, connected_account_id) nulls not distinct;
create index signals_evidence_idx on public.signals (tenant_id, evidence_id);

alter table public.evidence enable row level security;
alter table public.signals enable row level security;
create policy evidence_select on public.evidence for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy signals_select on public.signals for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy evidence_app on public.evidence for select to app_rw, app_ro using (true);
create policy signals_app on public.signals for select to app_rw, app_ro using (true);
revoke all on public.evidence, public.signals from anon, authenticated, service_role;
grant select on public.evidence, public.signals to authenticated, service_role, app_rw, app_ro;

alter table public.guardrails
  add column evidence_max_age integer,
  add constraint guardrails_evidence_max_age_check check (evidence_max_age > 0);
comment on column public.guardrails.evidence_max_age is
  'Seconds: with require_evidence, a proposal must name evidence that a scan has seen since. Null: naming some is enough.';
grant update (evidence_max_age) on public.guardrails to authenticated;
drop function if exists worker_api.save_guardrails;
-- The jobs' work now, no more the workers': made anew below without their right to call them.
drop function if exists worker_api.expire_approvals, worker_api.forget_settled;

-- A tool that scans read through, and how: {"category": "email", "arguments": {}}. Null: no scan calls it.
alter table public.tool_catalog add column scan jsonb;
comment on column public.tool_catalog.scan is 'How scans call it: {category, arguments}; null where they do not.';
alter table public.connected_accounts
  add column expires_at timestamptz,
  add column checked_at timestamptz,
  add column scanned_at timestamptz,
  add column problem text,
  add constraint connected_accounts_problem_check check (length(problem) <= 500);
-- The few that wait for their first scan; asked every second.
create index connected_accounts_unscanned_idx on public.connected_accounts (linked_at, id)
  where status in ('connected', 'expiring') and (scanned_at is null or scanned_at < linked_at);
comment on column public.connected_accounts.problem is 'Why it is not well, as the last look said.';

-- As in 008, for what is new.
do $$
declare
  kept record;
begin
  for kept in
    select a.attrelid::regclass as name, a.attname
    from pg_catalog.pg_attribute as a
    where a.attrelid = any (array[
        'public.connected_accounts', 'public.evidence', 'public.guardrails', 'public.signals', 'public.tool_catalog'
      ]::regclass[])
      and a.attnum > 0
      and not a.attisdropped
      and a.attname not in ('tenant_id', 'organization_id')
  loop
    execute format('alter table %s alter column %I set statistics 0', kept.name, kept.attname);
  end loop;
end
$$;
