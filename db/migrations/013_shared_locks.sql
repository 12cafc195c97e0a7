-- Rewrites an index in place: run it while the workers are stopped.
-- squawk-ignore-file ban-drop-function, require-concurrent-index-creation, require-concurrent-index-deletion
--
-- Nobody waits for another tenant's transaction, and claims do not read past what waits behind an ordering key.
-- docs/decisions/020 says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- What a transaction changes of rows that others need (lanes, chain heads) is written down here and done as it commits.
-- Nobody but that transaction ever sees a row of its own, so none needs to survive a crash.
create unlogged table app_private.staged_changes (
  xact xid8 not null default pg_current_xact_id(),
  n bigint generated always as identity,
  is_first boolean not null,
  as_of timestamptz,
  woken_tenants uuid[],
  woken_lanes smallint[],
  woken_moments timestamptz[],
  woken_keys text[],
  held_tenant uuid,
  held_by text[],
  audited_tenants uuid[],
  actor_type text,
  actor_id text,
  categories text[],
  payloads jsonb[],
  made_at timestamptz,
  primary key (xact, n)
);
-- Compressing what is deleted a moment later costs more than its pages.
alter table app_private.staged_changes
  alter column woken_tenants set storage external,
  alter column audited_tenants set storage external,
  alter column categories set storage external,
  alter column payloads set storage external;
comment on table app_private.staged_changes is 'What is left to do at the commit of the transaction `xact`.';
comment on column app_private.staged_changes.as_of is 'The moment of the clock that a test passed; null: the database''s own.';
comment on column app_private.staged_changes.woken_lanes is 'Lanes in which something is due at `woken_moments`; of an ordering key, or null.';
comment on column app_private.staged_changes.held_by is 'Guardrails whose held envelopes of `held_tenant` are judged again.';
comment on column app_private.staged_changes.made_at is 'When the audited change was made.';
alter table app_private.staged_changes enable row level security;

-- A worker whose lanes were locked when it renewed its leases: those hold until then, too.
create table app_private.renewals (
  worker_id text primary key,
  until timestamptz not null
);
comment on table app_private.renewals is 'Leases that could not be renewed in their lane, for it was locked.';
alter table app_private.renewals enable row level security;

alter table app_private.lanes add column set_at timestamptz not null default '-infinity';
comment on column app_private.lanes.set_at is 'When `ready_at` was written; later than now: the clock was set back since.';
create index lanes_set_idx on app_private.lanes (set_at);

alter table app_private.open_envelopes add column waits boolean not null default false;
comment on column app_private.open_envelopes.waits is 'Behind another of its lane with its ordering key.';
update app_private.open_envelopes as e
set waits = true
from (
  select o.tenant_id, o.id, row_number() over (
    partition by o.tenant_id, o.lane, o.ordering_key order by o.created_at, o.id
  ) as place
  from app_private.open_envelopes as o
  where o.ordering_key is not null
) as numbered
where numbered.place > 1 and e.tenant_id = numbered.tenant_id and e.id = numbered.id;
drop index app_private.open_envelopes_due_idx;
-- What a lane has to give, in the order it is served: what waits behind others is not in the way.
create index open_envelopes_due_idx on app_private.open_envelopes (tenant_id, lane, next_run_at, id)
  where status = 'pending' and not waits;

drop function if exists app_private.wake_lanes(uuid[], smallint[], timestamptz[]),
  app_private.refused(uuid[], bigint[], uuid[], uuid[]);
