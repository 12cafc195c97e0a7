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

-- append_audit digests and links by itself: an aggregate cannot have a search_path of its own, which linters ask for.
-- squawk-ignore ban-drop-function
drop function if exists app_private.audit_digest(uuid, bigint, text, text, text, jsonb, timestamptz);
-- squawk-ignore ban-drop-function
drop aggregate app_private.chain_hash(bytea, bytea);
-- squawk-ignore ban-drop-function
drop function app_private.chain_link(bytea, bytea, bytea);

alter table app_private.rate_buckets add column answers jsonb not null default '[]';
comment on column app_private.rate_buckets.answers is
  'What the last 20 asks were granted: [{ask_id, granted, free_at}].';

-- Every function answers with one JSON document now, so that PostgREST's limit on rows never cuts an answer short: the
-- old ones go, and their files bring them back.
do $$
declare
  old regprocedure;
begin
  for old in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'worker_api'::regnamespace loop
    execute format('drop function %s', old);
  end loop;
end
$$;
