-- Every call of a worker may be sent twice: over a network an answer can be lost, and what was done must be told again
-- rather than done again. docs/decisions/011 says which call remembers what.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table app_private.lanes
  add column claim_id uuid,
  add column lost boolean not null default false;
comment on column app_private.lanes.claim_id is 'The claim that last leased the lane: sent again, it gets the same answer.';
comment on column app_private.lanes.lost is 'That claim took the lane over from a lease that ran out.';

alter table public.outbox add column settled_token bigint;
comment on column public.outbox.settled_token is
  'Under which claim its last attempt was settled: the same settlement sent again is no lost lease.';
alter table public.outbox_dlq add column settled_token bigint;

-- append_audit digests and links by itself now.
-- squawk-ignore ban-drop-function
drop function if exists app_private.audit_digest(uuid, bigint, text, text, text, jsonb, timestamptz);
-- squawk-ignore ban-drop-function
drop aggregate if exists app_private.chain_hash(bytea, bytea);
-- squawk-ignore ban-drop-function
drop function if exists app_private.chain_link(bytea, bytea, bytea);

alter table app_private.rate_buckets add column answers jsonb not null default '[]';
comment on column app_private.rate_buckets.answers is
  'What the last 20 asks were granted: [{ask_id, granted, free_at}].';

-- Every function answers with one JSON document now, so that PostgREST's limit on rows never cuts an answer short: the
-- old ones go, and their files bring them back.
do $$
declare
  old regprocedure;
begin
  for old in
    select p.oid from pg_catalog.pg_proc as p
    where p.pronamespace = 'worker_api'::regnamespace and p.proname in (
      'append_audit', 'cancel', 'claim', 'decide_approval', 'due_in', 'enqueue', 'expire_approvals',
      'find_tools', 'get_envelope', 'heartbeat', 'list_accounts', 'list_approvals', 'list_dead_letters',
      'list_envelopes', 'list_objectives', 'list_tenants', 'list_tools', 'mark_sent', 'pause_tenant',
      'queue_status', 'read_policies', 'requeue_dead_letters', 'resolve_unknown', 'resume_tenant',
      'save_account', 'save_guardrails', 'save_objective', 'save_tenant', 'save_tools', 'settle', 'tail_audit',
      'take_rate_tokens', 'waits_for'
    )
  loop
    execute format('drop function %s', old);
  end loop;
end
$$;
