-- What happened to one envelope, and the newest envelopes of an objective, are found by an index.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Without the two rows that every envelope has: proposals and successes stay as cheap as they were.
-- squawk-ignore require-concurrent-index-creation
create index audit_log_envelope_idx on public.audit_log (tenant_id, (payload ->> 'envelope_id'), seq)
where payload ->> 'envelope_id' is not null and category not in ('envelope.proposed', 'envelope.success');

-- squawk-ignore require-concurrent-index-deletion
drop index public.outbox_objective_idx;
-- squawk-ignore require-concurrent-index-creation
create index outbox_objective_created_idx on public.outbox (tenant_id, objective_id, created_at desc, id desc)
where objective_id is not null;
