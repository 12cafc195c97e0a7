-- squawk-ignore-file ban-drop-function
--
-- An envelope may have a deadline: it runs before it or never. And what a tool's row in the contract does not name, how
-- it is called, has a default.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table public.outbox add column must_run_before timestamptz;
alter table public.outbox_dlq add column must_run_before timestamptz;
comment on column public.outbox.must_run_before is
  'No call to its tool begins at this moment or later: the envelope expires instead. Null: there is no such moment.';
grant select (must_run_before) on public.outbox, public.outbox_dlq to authenticated;
-- As in 008, for what is new.
alter table public.outbox alter column must_run_before set statistics 0;
alter table public.outbox_dlq alter column must_run_before set statistics 0;

-- Beside the record, as open_envelopes is: an index on outbox would be written at every settlement.
create table app_private.deadlines (
  tenant_id uuid not null,
  id uuid not null,
  must_run_before timestamptz not null,
  primary key (tenant_id, id)
);
comment on table app_private.deadlines is
  'Envelopes that have a deadline, until it has come; made by a trigger of public.outbox.';
create index deadlines_due_idx on app_private.deadlines (must_run_before, tenant_id, id);
alter table app_private.deadlines enable row level security;
revoke all on app_private.deadlines from public, anon, authenticated, service_role;

-- The contract's catalog has no such column: Composio fills it, and its tools are called by their slug alone.
alter table public.tool_catalog alter column provider set default 'composio';
-- Nor does its dead-letter queue have these.
alter table public.outbox_dlq alter column lane set default 0, alter column verdicts set default '[]';

-- It takes deadlines now: the old one goes, and its file brings the new one.
drop function if exists worker_api.enqueue;
