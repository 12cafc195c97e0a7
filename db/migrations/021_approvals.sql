-- squawk-ignore-file ban-drop-function
-- Decisions that bind: each envelope names its proposer, who may not approve it, and a rejection has a reason code.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Functions that take more arguments now; db/functions creates them again.
drop function if exists app_private.change_envelope;
drop function if exists worker_api.decide_approval, tenant_api.decide_approval;

-- ---------------------------------------------------------------------------------------------------------------
-- Who proposed
-- ---------------------------------------------------------------------------------------------------------------

-- Type and id of the actor, such as `agent:bot`; null for envelopes from before this column.
alter table public.outbox add column proposed_by text;
alter table public.outbox_dlq add column proposed_by text;
grant select (proposed_by) on public.outbox, public.outbox_dlq to authenticated;

-- ---------------------------------------------------------------------------------------------------------------
-- Why a person rejected
-- ---------------------------------------------------------------------------------------------------------------

alter table public.approvals add column rejection_code text;
grant select (rejection_code) on public.approvals to authenticated;
-- Not validated: rejections from before have no code.
alter table public.approvals
  add constraint approvals_rejection_code_check check (
    rejection_code in (
      'wrong_target', 'wrong_content', 'wrong_time', 'not_needed', 'too_risky', 'not_permitted', 'answered', 'other',
      'tool_rejected', 'cancelled'
    )
  ) not valid,
  add constraint approvals_rejected_check
    check ((rejection_code is not null) = coalesce(decision = 'rejected', false)) not valid;
