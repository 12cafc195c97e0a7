-- Rewrites keys and indexes in place: run it while the workers are stopped.
-- squawk-ignore-file adding-serial-primary-key-field, ban-drop-constraint, ban-drop-type, constraint-missing-not-valid, require-concurrent-index-creation, require-concurrent-index-deletion
--
-- The queue, beside the record. What is open (pending, awaiting_approval, unknown) has a narrow row here, which every
-- question of the worker is answered from; outbox keeps the envelopes themselves. So none of outbox's indexes holds
-- anything that a settlement changes: PostgreSQL writes the new row version beside the old one and no index hears of it.
-- docs/decisions/014 has the figures.
--
-- Every unique key leads with the tenant, so that tenants can be sharded: docs/how-to/grow.md.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table app_private.open_envelopes (
  tenant_id uuid not null,
  id uuid not null,
  lane smallint not null,
  status text not null,
  next_run_at timestamptz not null,
  created_at timestamptz not null,
  ordering_key text,
  retrying boolean not null,
  primary key (tenant_id, id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
comment on table app_private.open_envelopes is 'One row per open envelope of public.outbox, kept by its triggers.';
comment on column app_private.open_envelopes.retrying is 'It was tried before: attempts > 0.';
-- What a lane has waiting, in the order it is served.
create index open_envelopes_due_idx on app_private.open_envelopes (tenant_id, lane, next_run_at, id)
  where status = 'pending';
-- The head of each ordering key: the others wait for it.
create index open_envelopes_order_idx on app_private.open_envelopes (tenant_id, ordering_key, created_at, id)
  where ordering_key is not null;
-- What was tried before and will be again.
create index open_envelopes_retrying_idx on app_private.open_envelopes (tenant_id, next_run_at, id)
  where status = 'pending' and retrying;
alter table app_private.open_envelopes enable row level security;

insert into app_private.open_envelopes
select o.tenant_id, o.id, o.lane, o.status, o.next_run_at, o.created_at, o.ordering_key, o.attempts > 0
from public.outbox as o
where o.status in ('pending', 'awaiting_approval', 'unknown');

create index lanes_leased_idx on app_private.lanes (ready_at) where worker_id is not null;
drop index app_private.lanes_ready_idx;
create index lanes_ready_idx on app_private.lanes (ready_at, tenant_id, lane);

drop index public.outbox_tenant_status_idx, public.outbox_due_idx, public.outbox_order_idx;
-- A tenant's envelopes, the newest first.
create index outbox_tenant_created_idx on public.outbox (tenant_id, created_at desc, id desc);
alter table public.outbox set (fillfactor = 50);

-- What the guardrails say when they let an envelope through is nearly always the same: kept once, and referred to.
create table public.verdict_sets (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null,
  verdicts jsonb not null,
  primary key (tenant_id, id)
);
comment on table public.verdict_sets is 'Verdicts that outbox.verdict_set refers to; id is made of their text.';
alter table public.outbox add column verdict_set uuid;
comment on column public.outbox.verdict_set is
  'Where an attempt was let through: its verdicts, in verdict_sets. Otherwise they are in the column verdicts.';
alter table public.verdict_sets enable row level security;
create policy verdict_sets_select on public.verdict_sets for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy verdict_sets_app on public.verdict_sets for select to app_rw, app_ro using (true);
revoke all on public.verdict_sets from anon, authenticated, service_role;
grant select on public.verdict_sets to authenticated, service_role, app_rw, app_ro;

-- A check on a column is made at every update of a row; these three measure documents that never change once they are
-- in. worker_api.enqueue, the one way in, makes them.
alter table public.outbox
  drop constraint outbox_arguments_check,
  drop constraint outbox_trust_context_check,
  drop constraint outbox_metadata_check;

alter table public.outbox drop constraint outbox_pkey, add primary key (tenant_id, id);
alter table public.outbox_dlq drop constraint outbox_dlq_pkey, add primary key (tenant_id, id);
alter table public.approvals drop constraint approvals_pkey, add primary key (tenant_id, id);
alter table public.objectives drop constraint objectives_pkey, add primary key (tenant_id, id);
alter table public.guardrails drop constraint guardrails_pkey, add primary key (tenant_id, id);
alter table public.connected_accounts drop constraint connected_accounts_pkey, add primary key (tenant_id, id);
alter table public.tool_catalog drop constraint tool_catalog_pkey, add primary key (tenant_id, id);

-- One index fewer for each audit row: id stays, and its order among a tenant's rows is seq's.
alter table public.audit_log drop constraint audit_log_pkey,
  add constraint audit_log_pkey primary key using index audit_log_tenant_seq_uidx;

do $$
declare
  old regprocedure;
begin
  for old in
    select p.oid from pg_catalog.pg_proc as p
    where (p.pronamespace = 'worker_api'::regnamespace and p.proname in ('claim', 'settle', 'enqueue'))
      or (p.pronamespace = 'app_private'::regnamespace and p.proname in ('is_head', 'envelope_entry', 'append_audit', 'bury', 'change_envelope'))
  loop
    execute format('drop function %s', old);
  end loop;
end
$$;
drop type app_private.proposal, app_private.settlement, app_private.audit_entry;
