-- What a database lacks that applied an earlier text of 001_init.sql. The first two of those texts stood alone: nothing
-- but 001 and its functions was applied with them, and the tables and types below had fewer columns and checks.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Their files bring them back, with the rights they give now and no others.
do $$
declare
  old regprocedure;
begin
  for old in
    select p.oid from pg_catalog.pg_proc as p
    where p.pronamespace = 'worker_api'::regnamespace and p.proname in (
      'accounts_to_scan', 'append_audit', 'cancel', 'check_account', 'claim', 'decide_approval', 'decide_tool',
      'due_in', 'enqueue', 'expire_approvals', 'extend_job', 'find_evidence', 'find_tools', 'finish_job',
      'forget_evidence', 'forget_settled', 'get_envelope', 'heartbeat', 'hold_rate_bucket', 'list_accounts',
      'list_approvals', 'list_audit_heads', 'list_dead_letters', 'list_envelopes', 'list_evidence',
      'list_job_runs', 'list_objectives', 'list_signals', 'list_tenants', 'list_tools', 'mark_sent',
      'note_scan', 'pause_tenant', 'queue_status', 'read_audit', 'read_policies', 'requeue_dead_letters',
      'resolve_unknown', 'resume_tenant', 'save_account', 'save_guardrails', 'save_objective', 'save_readings',
      'save_tenant', 'save_tools', 'settle', 'sync_tools', 'tail_audit', 'take_job', 'take_rate_tokens',
      'verdicts_of', 'waits_for'
    )
  loop
    execute format('drop function %s', old);
  end loop;
end
$$;
drop function if exists app_private.lane_ready_at(uuid, smallint);

do $$
begin
  if exists (
    select from pg_catalog.pg_attribute
    where attrelid = 'public.outbox_dlq'::regclass and attname = 'doubtful' and not attisdropped
  ) then
    return;
  end if;

  alter table public.guardrails
    drop constraint guardrails_quiet_hours_check,
    drop constraint guardrails_scopes_check,
    drop constraint guardrails_rate_limits_check,
    add constraint guardrails_quiet_hours_check
      check (jsonb_typeof(quiet_hours) = 'object' and octet_length(quiet_hours::text) <= 65536),
    add constraint guardrails_scopes_check
      check (jsonb_typeof(scopes) = 'object' and octet_length(scopes::text) <= 65536),
    add constraint guardrails_rate_limits_check
      check (jsonb_typeof(rate_limits) = 'object' and octet_length(rate_limits::text) <= 65536);
  alter table public.connected_accounts
    drop constraint connected_accounts_metadata_check,
    add constraint connected_accounts_provider_check check (length(provider) between 1 and 255),
    add constraint connected_accounts_scopes_check check (octet_length(scopes::text) <= 65536),
    add constraint connected_accounts_metadata_check
      check (octet_length(metadata::text) <= 65536 and not jsonb_path_exists(metadata, '$.**{101}'));
  alter table public.outbox
    drop constraint outbox_arguments_check,
    drop constraint outbox_trust_context_check,
    drop constraint outbox_metadata_check,
    add constraint outbox_arguments_check check (
      jsonb_typeof(arguments) = 'object' and octet_length(arguments::text) <= 65536
      and not jsonb_path_exists(arguments, '$.**{101}')
    ),
    add constraint outbox_trust_context_check check (
      jsonb_typeof(trust_context) = 'object' and octet_length(trust_context::text) <= 65536
      and not jsonb_path_exists(trust_context, '$.**{101}')
    ),
    add constraint outbox_metadata_check check (
      jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536
      and not jsonb_path_exists(metadata, '$.**{101}')
    ),
    add constraint outbox_next_run_at_check check (isfinite(next_run_at));

  -- A column in the middle: those after it are made anew behind it.
  alter table public.outbox_dlq add column doubtful boolean not null default false;
  alter table public.outbox_dlq rename column created_at to created_before;
  alter table public.outbox_dlq rename column moved_at to moved_before;
  alter table public.outbox_dlq add column created_at timestamptz, add column moved_at timestamptz default now();
  update public.outbox_dlq set created_at = created_before, moved_at = moved_before;
  alter table public.outbox_dlq
    alter column created_at set not null, alter column moved_at set not null,
    drop column created_before, drop column moved_before;
  create index outbox_dlq_tenant_idx on public.outbox_dlq (tenant_id, moved_at desc);
  comment on column public.outbox_dlq.doubtful is
    'Its effect may have happened: only a person who names it gives it back to the queue.';

  alter table app_private.lanes add column tokens bigint[] not null default '{}';
  update app_private.lanes set tokens = array_fill(token, array[cardinality(in_flight)]) where in_flight <> '{}';
  alter table app_private.lanes rename column sent to sent_before;
  alter table app_private.lanes add column sent uuid[] not null default '{}';
  update app_private.lanes set sent = sent_before;
  alter table app_private.lanes
    drop column sent_before,
    add constraint lanes_tokens_check check (cardinality(tokens) = cardinality(in_flight)),
    add constraint lanes_sent_check check (sent <@ in_flight);
  comment on column app_private.lanes.token is 'Fencing token: grows with every claim.';
  comment on column app_private.lanes.tokens is
    'Under which claim each envelope in flight was handed out; a settlement under another token is refused.';
  comment on column app_private.lanes.sent is
    'In flight and marked as sent to a tool that does not honour the idempotency key.';

  alter type app_private.proposal drop attribute verdicts;
  alter type app_private.settlement add attribute doubtful boolean;
end
$$;

create or replace function app_private.current_tenant_id_uuid()
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when claim ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then claim::uuid
  end
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' as claim) as jwt
$$;

create or replace function app_private.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'audit_log: rows are never changed or deleted' using errcode = 'PT409';
end
$$;
revoke all on function app_private.refuse_change from public;

-- Projects made before 2026 grant every new sequence to the API roles; the first text of 002 did not take that back.
revoke all on sequence public.audit_log_id_seq, public.tool_catalog_id_seq from anon, authenticated, service_role;
grant usage on sequence public.tool_catalog_id_seq to service_role;

-- Roles that were made before they were marked; a role that somebody else administers keeps its comment.
do $$
declare
  made name;
begin
  for made in
    select r.rolname from pg_catalog.pg_roles as r
    where r.rolname in ('app_owner', 'app_rw', 'app_ro', 'workflow_rw', 'outbox_worker')
      and pg_catalog.shobj_description(r.oid, 'pg_authid') is null
  loop
    execute format('comment on role %I is %L', made, 'Agent Control Plane');
  end loop;
exception when insufficient_privilege then null;
end
$$;

-- An earlier 002 took a role that bore one of our names for ours, whoever had made it.
do $$
declare
  members text;
begin
  select string_agg(distinct format('%I in %I', m.rolname, r.rolname), ', ') into members
  from pg_catalog.pg_auth_members as a
  join pg_catalog.pg_roles as r on r.oid = a.roleid
  join pg_catalog.pg_roles as m on m.oid = a.member
  where r.rolname in ('app_owner', 'app_rw', 'app_ro', 'workflow_rw', 'outbox_worker')
    and m.rolname not in (current_user, 'authenticator');
  if members is not null then
    raise warning 'these have what our roles have, and a role of such a name may have been there before us: %: revoke what you did not grant', members;
  end if;
end
$$;

-- Every earlier text took all rights on every table in public from the API roles; which they had, nothing says.
do $$
declare
  theirs text;
begin
  select string_agg(format('public.%I', c.relname), ', ' order by c.relname) into theirs
  from pg_catalog.pg_class as c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and c.relname not in (
      'tenants', 'objectives', 'guardrails', 'connected_accounts', 'tool_catalog', 'outbox', 'outbox_dlq', 'approvals',
      'audit_log', 'verdict_sets', 'evidence', 'signals'
    );
  if theirs is not null then
    raise warning 'an earlier 001_init.sql took all rights on these tables, which are not ours, from anon, authenticated and service_role: %: grant again what your app needs', theirs;
  end if;
end
$$;
