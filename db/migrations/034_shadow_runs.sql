-- Shadow runs: other guardrails, the candidate, judge a tenant's envelopes beside its own and decide nothing.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table public.shadow_runs (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null,
  candidate jsonb not null,
  started_at timestamptz not null,
  started_by text not null,
  ends_at timestamptz not null,
  stopped_at timestamptz,
  stopped_by text,
  max_envelopes integer not null,
  envelopes integer not null default 0,
  primary key (tenant_id, id),
  constraint shadow_runs_candidate_check check (jsonb_typeof(candidate) = 'object'),
  constraint shadow_runs_ends_at_check check (ends_at > started_at and ends_at <= started_at + interval '30 days'),
  constraint shadow_runs_stopped_check check ((stopped_at is null) = (stopped_by is null)),
  constraint shadow_runs_max_envelopes_check check (max_envelopes between 1 and 10000),
  constraint shadow_runs_envelopes_check check (envelopes between 0 and max_envelopes)
);
comment on column public.shadow_runs.candidate is 'The fields of guardrails.';
comment on column public.shadow_runs.envelopes is 'How many have been judged; at max_envelopes the run ends.';

-- One row for each judged envelope: what the tenant's guardrails decided, and what the candidate would have decided.
create table public.shadow_verdicts (
  tenant_id uuid not null,
  run_id uuid not null,
  envelope_id uuid not null,
  decision text not null,
  candidate_decision text not null,
  candidate_reason text not null,
  judged_at timestamptz not null,
  primary key (tenant_id, run_id, envelope_id),
  constraint shadow_verdicts_run_fkey foreign key (tenant_id, run_id) references public.shadow_runs (tenant_id, id),
  constraint shadow_verdicts_decision_check check (decision in ('allow', 'hold', 'needs_approval', 'deny')),
  constraint shadow_verdicts_candidate_decision_check
    check (candidate_decision in ('allow', 'hold', 'needs_approval', 'deny'))
);

alter table public.shadow_runs enable row level security;
alter table public.shadow_verdicts enable row level security;
-- An agent must not learn how its calls will be judged, as it sees no grants.
create policy shadow_runs_select on public.shadow_runs for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
    and (select app_private.current_tenant_role()) <> 'agent'
  );
create policy shadow_verdicts_select on public.shadow_verdicts for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
    and (select app_private.current_tenant_role()) <> 'agent'
  );
create policy shadow_runs_app on public.shadow_runs for select to app_rw, app_ro using (true);
create policy shadow_verdicts_app on public.shadow_verdicts for select to app_rw, app_ro using (true);
revoke all on public.shadow_runs, public.shadow_verdicts from anon, authenticated, service_role;
grant select (
  tenant_id, id, candidate, started_at, started_by, ends_at, stopped_at, stopped_by, max_envelopes, envelopes
) on public.shadow_runs to authenticated;
grant select (tenant_id, run_id, envelope_id, decision, candidate_decision, candidate_reason, judged_at)
  on public.shadow_verdicts to authenticated;
grant select on public.shadow_runs, public.shadow_verdicts to service_role, app_rw, app_ro;
alter table public.shadow_runs alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
alter table public.shadow_verdicts alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
