do $$
declare
  new regprocedure;
begin
  for new in
    select p.oid from pg_catalog.pg_proc as p
    where (p.pronamespace = 'worker_api'::regnamespace and p.proname in ('claim', 'settle', 'enqueue', 'forget_settled'))
      or (p.pronamespace = 'app_private'::regnamespace and p.proname in (
        'envelope_event', 'append_audit', 'bury', 'change_envelope', 'due_in_lane', 'lease_lane', 'refused'
      ))
  loop
    execute format('drop function %s', new);
  end loop;
end
$$;
update public.outbox as o set verdicts = v.verdicts
from public.verdict_sets as v where v.tenant_id = o.tenant_id and v.id = o.verdict_set;
drop function worker_api.verdicts_of(public.outbox);
alter table public.outbox drop column verdict_set;
drop table public.verdict_sets;
drop trigger outbox_opened on public.outbox;
drop trigger outbox_moved on public.outbox;
drop trigger outbox_removed on public.outbox;
drop trigger outbox_emptied on public.outbox;
drop function app_private.track_open();
drop table app_private.open_envelopes;

create type app_private.audit_entry as (
  tenant_id uuid, actor_type text, actor_id text, category text, payload jsonb
);
create type app_private.proposal as (
  id uuid, tenant_id uuid, tool_slug text, tool_version text, arguments jsonb, connected_account_id text, risk text,
  external_id text, trust_context jsonb, metadata jsonb, next_run_at timestamptz
);
create type app_private.settlement as (
  tenant_id uuid, lane smallint, token bigint, envelope_id uuid, "to" text, error text, reason text, result jsonb,
  verdicts jsonb, next_run_at timestamptz, digest text, expires_at timestamptz, repeat boolean, doubtful boolean
);

alter table public.audit_log drop constraint audit_log_pkey, add primary key (id);
create unique index audit_log_tenant_seq_uidx on public.audit_log (tenant_id, seq);
alter table public.tool_catalog drop constraint tool_catalog_pkey, add primary key (id);
alter table public.connected_accounts drop constraint connected_accounts_pkey, add primary key (id);
alter table public.guardrails drop constraint guardrails_pkey, add primary key (id);
alter table public.objectives drop constraint objectives_pkey, add primary key (id);
alter table public.approvals drop constraint approvals_pkey, add primary key (id);
alter table public.outbox_dlq drop constraint outbox_dlq_pkey, add primary key (id);
alter table public.outbox drop constraint outbox_pkey, add primary key (id);

alter table public.outbox
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
  );

alter table public.outbox reset (fillfactor);
drop index public.outbox_tenant_created_idx;
create index outbox_tenant_status_idx on public.outbox (tenant_id, status);
create index outbox_due_idx on public.outbox (tenant_id, lane, next_run_at, id) where status = 'pending';
create index outbox_order_idx on public.outbox (tenant_id, ordering_key, created_at, id)
  where ordering_key is not null and status in ('pending', 'awaiting_approval', 'unknown');
drop index app_private.lanes_leased_idx, app_private.lanes_ready_idx;
create index lanes_ready_idx on app_private.lanes (ready_at);
