-- How many envelopes ended when, how, and how long they took, for charts. The job end_counts reads the audit log and
-- counts; a settlement writes nothing here. docs/decisions/044 has the figures.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table app_private.end_counts (
  tenant_id uuid,
  every interval not null,
  starts_at timestamptz not null,
  counts jsonb not null,
  constraint end_counts_starts_at_uidx unique nulls not distinct (tenant_id, every, starts_at)
) with (fillfactor = 50);
comment on table app_private.end_counts is 'Each end is counted for its tenant and for all tenants, once per length of span.';
comment on column app_private.end_counts.tenant_id is 'Null: all tenants together.';
comment on column app_private.end_counts.every is 'How long the span is that begins at starts_at.';
comment on column app_private.end_counts.counts is
  'How many envelopes ended in each state, and how many calls took how long: a number is a class of services/overview/latency.py.';
-- What is too old for every chart.
create index end_counts_old_idx on app_private.end_counts (every, starts_at);
alter table app_private.end_counts enable row level security;
revoke all on app_private.end_counts from public, anon, authenticated, service_role;

create table app_private.end_positions (
  tenant_id uuid primary key,
  seq bigint not null
) with (fillfactor = 50);
comment on column app_private.end_positions.seq is 'The last audit row of the tenant that is counted.';
alter table app_private.end_positions enable row level security;
revoke all on app_private.end_positions from public, anon, authenticated, service_role;
