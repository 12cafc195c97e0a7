-- squawk-ignore-file require-concurrent-index-creation
-- What drafts learns and what guards it: prompts in versions, budgets and calls of models, what could not be answered,
-- evaluations, and which topics may be answered without a person.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table drafts.prompts (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  version text not null,
  instructions text not null,
  status text not null default 'candidate',
  created_by text not null,
  created_at timestamptz not null default now(),
  activated_by text,
  activated_at timestamptz,
  primary key (tenant_id, id),
  constraint uq_prompts_version unique (tenant_id, version),
  constraint prompts_version_check check (version ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' and version <> 'default'),
  constraint prompts_instructions_check check (octet_length(instructions) <= 32768),
  constraint prompts_status_check check (status in ('candidate', 'active', 'retired')),
  constraint prompts_activated_check check ((status = 'candidate') = (activated_at is null))
);
comment on table drafts.prompts is
  'A tenant''s own instructions for models. A version does not change. Without an active one, models get none.';
create unique index idx_prompt_active on drafts.prompts (tenant_id) where status = 'active';

create table drafts.budgets (
  tenant_id uuid not null primary key references public.tenants (id),
  monthly_usd numeric not null,
  updated_at timestamptz not null default now(),
  constraint budgets_monthly_usd_check check (monthly_usd between 0 and 1000000)
);
create trigger set_budgets_updated_at before update on drafts.budgets
  for each row execute function app_private.touch_updated_at();
comment on table drafts.budgets is 'What a tenant''s calls of models may cost in a month (UTC).';

create table drafts.spending (
  tenant_id uuid not null references public.tenants (id),
  month date not null,
  calls bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  cost_usd numeric not null,
  primary key (tenant_id, month),
  constraint spending_month_check check (extract(day from month) = 1)
);
comment on table drafts.spending is 'The sums of drafts.model_calls by month.';

create table drafts.model_calls (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  conversation_id uuid,
  model_key text not null,
  prompt_version text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_usd numeric not null,
  failure text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint model_calls_conversation_id_fkey foreign key (tenant_id, conversation_id)
    references drafts.conversations (tenant_id, id) on delete set null (conversation_id),
  constraint model_calls_tokens_check check (input_tokens >= 0 and output_tokens >= 0),
  constraint model_calls_cost_usd_check check (cost_usd >= 0)
);
comment on column drafts.model_calls.failure is
  'Why the answer was not used, and another drafter wrote the draft. Null: it was used.';
create index idx_model_call_created on drafts.model_calls (tenant_id, created_at, id);
create index idx_model_call_conversation on drafts.model_calls (tenant_id, conversation_id)
where conversation_id is not null;

create table drafts.abstentions (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  conversation_id uuid not null,
  message_id uuid,
  reason text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint abstentions_conversation_id_fkey foreign key (tenant_id, conversation_id)
    references drafts.conversations (tenant_id, id) on delete cascade,
  constraint abstentions_message_id_fkey foreign key (tenant_id, message_id)
    references drafts.messages (tenant_id, id) on delete set null (message_id)
);
comment on table drafts.abstentions is
  'Messages that the drafter could not answer. drafts.conversations tells only of the newest message.';
create index idx_abstention_created on drafts.abstentions (tenant_id, created_at, id);
create index idx_abstention_conversation on drafts.abstentions (tenant_id, conversation_id);
create index idx_abstention_message on drafts.abstentions (tenant_id, message_id) where message_id is not null;

create table drafts.evaluations (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  prompt_version text not null,
  model_key text not null,
  baseline jsonb not null,
  cases integer not null,
  passed integer not null,
  baseline_passed integer not null,
  worse integer not null,
  better integer not null,
  is_worse boolean not null,
  report jsonb not null default '{}',
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint evaluations_counts_check check (
    least(cases, passed, baseline_passed, worse, better) >= 0
    and greatest(passed, baseline_passed, worse, better) <= cases
  ),
  constraint evaluations_baseline_check check (jsonb_typeof(baseline) = 'object'),
  constraint evaluations_report_check check (jsonb_typeof(report) = 'object' and octet_length(report::text) <= 65536)
);
comment on column drafts.evaluations.baseline is 'What it was compared with: {prompt_version, model_key}.';
comment on column drafts.evaluations.report is 'The cases that became worse: {worse: [{case, problems}]}.';
create index idx_evaluation_version on drafts.evaluations (tenant_id, prompt_version, created_at);
create index idx_evaluation_created on drafts.evaluations (tenant_id, created_at, id);

create table drafts.topic_rules (
  tenant_id uuid not null references public.tenants (id),
  topic text not null,
  mode text not null,
  changed_by text not null,
  changed_at timestamptz not null default now(),
  demoted_at timestamptz,
  primary key (tenant_id, topic),
  constraint topic_rules_topic_check check (octet_length(topic) between 1 and 255),
  constraint topic_rules_mode_check check (mode in ('off', 'shadow', 'automatic'))
);
comment on table drafts.topic_rules is
  'Whether drafts of a topic are approved by a person (off, shadow) or by the application (automatic).';
comment on column drafts.topic_rules.demoted_at is 'When the application itself ended the automatic mode last.';

create table drafts.automatic_decisions (
  tenant_id uuid not null references public.tenants (id),
  draft_id uuid not null,
  topic text not null,
  mode text not null,
  would_approve boolean not null,
  reason text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, draft_id),
  constraint automatic_decisions_draft_id_fkey foreign key (tenant_id, draft_id)
    references drafts.drafts (tenant_id, id) on delete cascade,
  constraint automatic_decisions_mode_check check (mode in ('shadow', 'automatic'))
);
comment on table drafts.automatic_decisions is
  'What the application decided, or in shadow mode would have decided, about a draft, and why.';
create index idx_automatic_decision_topic on drafts.automatic_decisions (tenant_id, topic, created_at, draft_id);

create index idx_action_created on drafts.draft_actions (tenant_id, created_at, id);

do $$
declare
  t regclass;
  name text;
  columns text;
  bounded record;
begin
  foreach t in array array[
    'drafts.prompts', 'drafts.budgets', 'drafts.spending', 'drafts.model_calls', 'drafts.abstentions',
    'drafts.evaluations', 'drafts.topic_rules', 'drafts.automatic_decisions'
  ]::regclass[] loop
    name := split_part(t::text, '.', 2);
    execute format('alter table %s enable row level security', t);
    execute format(
      'create policy %I on %s for select to authenticated using (
         tenant_id = (select app_private.current_tenant_id_uuid())
         and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', name || '_tenant', t
    );
    execute format('create policy %I on %s for all to app_rw using (true)', name || '_app_rw', t);
    execute format('create policy %I on %s for select to app_ro using (true)', name || '_app_ro', t);
    select string_agg(format('%I', a.attname), ', ' order by a.attnum) into columns
    from pg_catalog.pg_attribute as a where a.attrelid = t and a.attnum > 0;
    execute format('revoke all on %s from anon, authenticated, service_role', t);
    execute format('grant select (%s) on %s to authenticated', columns, t);
    execute format('grant select on %s to app_ro', t);
    execute format('grant select, insert, update, delete on %s to service_role, app_rw', t);
    execute format(
      'alter table %s alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1', t
    );
    for bounded in
      select a.attname, a.atttypid from pg_catalog.pg_attribute as a
      where a.attrelid = t and a.attnum > 0 and a.attname <> 'tenant_id'
    loop
      execute format('alter table %s alter column %I set statistics 0', t, bounded.attname);
      continue when bounded.atttypid not in (
        'jsonb'::regtype, 'text'::regtype, 'numeric'::regtype, 'timestamptz'::regtype, 'date'::regtype
      );
      execute format(
        'alter table %s add constraint %I check (app_private.fits(%L, %I))',
        t, left(name || '_' || bounded.attname, 58) || '_fits', bounded.attname, bounded.attname
      );
    end loop;
  end loop;
end
$$;
