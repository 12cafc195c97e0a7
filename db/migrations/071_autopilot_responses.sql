-- squawk-ignore-file adding-foreign-key-constraint, ban-drop-constraint, constraint-missing-not-valid
-- squawk-ignore-file disallowed-unique-constraint, require-concurrent-index-creation
--
-- Autopilot: people judge samples of a cluster, a dry-run shows what autopilot would answer, and then it answers new
-- tickets. docs/decisions/069-when-autopilot-may-answer.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table autopilot.clusters add column auto_respond_at timestamptz;
comment on column autopilot.clusters.auto_respond_at is
  'Since when tickets are answered automatically. Only later tickets are. Null: no tickets are answered.';
create index idx_clusters_auto_respond on autopilot.clusters (organization_id, model_id)
where auto_respond_at is not null;

alter table autopilot.tickets
  drop constraint tickets_response_state_check,
  add constraint tickets_response_state_check
    check (response_state in ('queued', 'sent', 'failed', 'unknown', 'cancelled', 'abstained'));
comment on column autopilot.tickets.response_state is
  'What became of the automatic response. Null: nobody has looked for one. abstained: no article answers the ticket.';
-- From the centre of a cluster to its border.
create index idx_tickets_score on autopilot.tickets (organization_id, cluster_id, score, id);
create index idx_tickets_verdict on autopilot.tickets (organization_id, cluster_id, verdict, verdict_lineage_id)
where verdict is not null;
create index idx_tickets_resolved on autopilot.tickets (organization_id, cluster_id, resolved_at, id)
where resolved_at is not null and resolution is not null;
create index idx_tickets_awaiting_response on autopilot.tickets (organization_id, cluster_id, created_at, id)
where response_state is null and resolved_at is null;
create index idx_tickets_response_envelope_id on autopilot.tickets (organization_id, response_envelope_id)
where response_envelope_id is not null;

create table autopilot.dry_runs (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  cluster_id uuid not null,
  lineage_id uuid not null,
  basis text not null,
  status text not null default 'pending',
  started_by text,
  cases integer not null,
  done integer not null default 0,
  answered integer not null default 0,
  similarity double precision,
  error_message text,
  worker_id text,
  lease_until timestamptz,
  lease_token integer not null default 0,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  primary key (organization_id, id),
  constraint dry_runs_cluster_id_fkey foreign key (organization_id, cluster_id)
    references autopilot.clusters (organization_id, id) on delete cascade,
  constraint dry_runs_status_check check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  constraint dry_runs_counts_check
    check (cases between 1 and 100 and done between 0 and cases and answered between 0 and done and lease_token >= 0),
  constraint dry_runs_completed_check check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null))
);
comment on table autopilot.dry_runs is 'What autopilot would have answered to past tickets of a cluster.';
comment on column autopilot.dry_runs.basis is 'A hash of the articles with which the tickets were answered.';
comment on column autopilot.dry_runs.cases is 'How many past tickets it answers.';
comment on column autopilot.dry_runs.answered is 'For how many of the done tickets there was an answer.';
comment on column autopilot.dry_runs.similarity is
  'The mean cosine of the answers to what people answered. Null: there was no answer.';
comment on column autopilot.dry_runs.lease_token is 'Grows with each lease. A worker with an older one is refused.';
create unique index uq_dry_runs_open on autopilot.dry_runs (organization_id, lineage_id)
where status in ('pending', 'running');
create index idx_dry_runs_open on autopilot.dry_runs (created_at) where status in ('pending', 'running');
create index idx_dry_runs_lineage_id on autopilot.dry_runs (organization_id, lineage_id, created_at, id);
create index idx_dry_runs_cluster_id on autopilot.dry_runs (organization_id, cluster_id);

create table autopilot.dry_run_cases (
  organization_id uuid not null references public.tenants (id),
  dry_run_id uuid not null,
  place integer not null,
  ticket_id uuid not null,
  answer text,
  article_id uuid,
  score double precision,
  similarity double precision,
  reason text,
  done_at timestamptz,
  primary key (organization_id, dry_run_id, place),
  constraint dry_run_cases_dry_run_id_fkey foreign key (organization_id, dry_run_id)
    references autopilot.dry_runs (organization_id, id) on delete cascade,
  constraint dry_run_cases_ticket_id_fkey foreign key (organization_id, ticket_id)
    references autopilot.tickets (organization_id, id) on delete cascade,
  constraint dry_run_cases_article_id_fkey foreign key (organization_id, article_id)
    references autopilot.knowledge_articles (organization_id, id) on delete set null (article_id),
  constraint dry_run_cases_place_check check (place between 1 and 100),
  constraint dry_run_cases_score_check check (score between 0 and 1),
  constraint dry_run_cases_similarity_check check (similarity between -1 and 1)
);
comment on table autopilot.dry_run_cases is 'One past ticket of a dry-run, and what autopilot would have answered.';
comment on column autopilot.dry_run_cases.score is 'How well the best passage fits the ticket, from 0 to 1.';
comment on column autopilot.dry_run_cases.similarity is 'The cosine of the answer to the ticket''s resolution.';
comment on column autopilot.dry_run_cases.reason is 'Why there is no answer.';
create index idx_dry_run_cases_ticket_id on autopilot.dry_run_cases (organization_id, ticket_id);
create index idx_dry_run_cases_article_id on autopilot.dry_run_cases (organization_id, article_id);

create table autopilot.responses (
  organization_id uuid not null references public.tenants (id),
  ticket_id uuid not null,
  lineage_id uuid not null,
  state text not null,
  article_id uuid,
  answer text,
  score double precision,
  reason text,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (organization_id, ticket_id),
  constraint responses_ticket_id_fkey foreign key (organization_id, ticket_id)
    references autopilot.tickets (organization_id, id) on delete cascade,
  constraint responses_article_id_fkey foreign key (organization_id, article_id)
    references autopilot.knowledge_articles (organization_id, id) on delete set null (article_id),
  constraint responses_state_check
    check (state in ('queued', 'sent', 'failed', 'unknown', 'cancelled', 'abstained')),
  constraint responses_score_check check (score between 0 and 1)
);
comment on table autopilot.responses is
  'The automatic response to a ticket. A ticket gets one at most.';
comment on column autopilot.responses.state is 'The same as tickets.response_state, so that a list needs no tickets.';
comment on column autopilot.responses.lineage_id is 'The lineage of the cluster in which the ticket was.';
comment on column autopilot.responses.answer is 'The text that was proposed. Null: autopilot abstained.';
comment on column autopilot.responses.reason is 'Why autopilot abstained, or why the response was not sent.';
create index idx_responses_recent on autopilot.responses (organization_id, created_at, ticket_id);
create index idx_responses_lineage_id on autopilot.responses (organization_id, lineage_id, created_at, ticket_id);
create index idx_responses_article_id on autopilot.responses (organization_id, article_id);

create table autopilot.audit_positions (
  organization_id uuid not null primary key references public.tenants (id),
  seq bigint not null
) with (fillfactor = 50);
comment on table autopilot.audit_positions is 'The last audit row that was read for what became of envelopes of autopilot.';

-- ---------------------------------------------------------------------------------------------------------------
-- New tables and columns follow the rules of the others: whose rows, which verbs, bounded, and without statistics over
-- all tenants
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  new_table record;
  new_column record;
begin
  for new_table in
    select c.oid::regclass as name, c.relname from pg_catalog.pg_class as c
    where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r' and not c.relrowsecurity
    order by c.relname
  loop
    execute format('alter table %s enable row level security', new_table.name);
    execute format(
      'create policy %I on %s for select to authenticated using (
         organization_id = (select app_private.current_tenant_id_uuid())
         and greatest(organization_id, organization_id)
           = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', new_table.relname || '_tenant', new_table.name
    );
    execute format(
      'create policy %I on %s for all to workflow_rw
         using (organization_id = (select app_private.current_organization_id()))',
      new_table.relname || '_workflow', new_table.name
    );
    execute format(
      'create policy %I on %s for all to app_rw using (true)', new_table.relname || '_app_rw', new_table.name
    );
    execute format(
      'create policy %I on %s for select to app_ro using (true)', new_table.relname || '_app_ro', new_table.name
    );
    execute format('revoke all on %s from anon, authenticated, service_role', new_table.name);
    execute format('grant select on %s to app_ro, workflow_rw', new_table.name);
    execute format('grant select, insert, update, delete on %s to service_role, app_rw', new_table.name);
    execute format(
      'alter table %s alter column organization_id set (n_distinct = -0.5), alter column organization_id set statistics 1',
      new_table.name
    );
  end loop;
  for new_column in
    select c.oid::regclass as name, c.relname, a.attname, a.attgenerated <> '' as is_generated, a.atttypid
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r'
      and not has_column_privilege('authenticated', c.oid, a.attnum, 'select')
    order by c.relname, a.attnum
  loop
    execute format('grant select (%I) on %s to authenticated', new_column.attname, new_column.name);
    if new_column.attname <> 'organization_id' then
      execute format('alter table %s alter column %I set statistics 0', new_column.name, new_column.attname);
    end if;
    if not new_column.is_generated and new_column.atttypid in (
      'jsonb'::regtype, 'text'::regtype, 'numeric'::regtype, 'double precision'::regtype, 'timestamptz'::regtype
    ) then
      execute format(
        'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
        new_column.name, left(new_column.relname || '_' || new_column.attname, 58) || '_fits', new_column.attname,
        new_column.attname
      );
    end if;
  end loop;
end
$$;
