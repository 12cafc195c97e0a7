-- squawk-ignore-file ban-drop-function, adding-field-with-default
-- Reminders and escalations: when people are told again that an approval waits, and who else is told.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Functions that take another argument now; db/functions creates them again.
drop function if exists worker_api.save_guardrails, tenant_api.save_guardrails;

-- By risk, or `default`: a list of steps. services/guardrails/reminders.py describes it.
alter table public.guardrails add column approval_reminders jsonb not null default '{}';
grant select (approval_reminders), update (approval_reminders) on public.guardrails to authenticated;

alter table public.approvals
  add column reminder_steps smallint not null default 0, add column reminded_at timestamptz,
  add column escalated_at timestamptz, add column escalated_to text,
  add column escalation_level smallint not null default 0;
comment on column public.approvals.reminder_steps is 'How many steps of the reminders have been taken.';
comment on column public.approvals.escalation_level is 'How many of these steps were escalations.';
alter table public.approvals
  add constraint approvals_escalated_to_check check (escalated_to in ('owner', 'reviewer')) not valid,
  add constraint approvals_escalated_check check (
    (escalated_at is null) = (escalated_to is null) and (escalated_at is null) = (escalation_level = 0)
  ) not valid;
grant select (reminder_steps, reminded_at, escalated_at, escalated_to, escalation_level)
  on public.approvals to authenticated;
