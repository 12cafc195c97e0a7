-- squawk-ignore-file ban-drop-function
-- Decisions that bind: each envelope names its proposer, who may not approve it; a rejection has a reason code; a
-- reviewer may edit the call; and some calls need two people.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Functions that take more arguments now; db/functions creates them again.
drop function if exists app_private.change_envelope;
drop function if exists worker_api.decide_approval, tenant_api.decide_approval, worker_api.save_guardrails,
  tenant_api.save_guardrails;

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

-- ---------------------------------------------------------------------------------------------------------------
-- Edits by reviewers, and two people
-- ---------------------------------------------------------------------------------------------------------------

-- What the agent proposed, if a reviewer edited the arguments; `arguments` are then the edited ones.
alter table public.outbox add column proposed_arguments jsonb;
alter table public.outbox_dlq add column proposed_arguments jsonb;
grant select (proposed_arguments) on public.outbox, public.outbox_dlq to authenticated;

-- `digest` is that of the call for which the approval was requested; `decided_digest` that of the edited call.
alter table public.approvals
  add column decided_arguments jsonb, add column decided_digest text,
  add column first_approved_by text, add column first_approved_at timestamptz;
grant select (decided_arguments, decided_digest, first_approved_by, first_approved_at)
  on public.approvals to authenticated;
alter table public.approvals
  add constraint approvals_edited_check check ((decided_arguments is null) = (decided_digest is null)) not valid,
  add constraint approvals_first_check check ((first_approved_by is null) = (first_approved_at is null)) not valid;

-- {two_people, require}: services/guardrails/approval_rules.py describes it.
alter table public.guardrails add column approval_rules jsonb not null default '{}';
grant select (approval_rules), update (approval_rules) on public.guardrails to authenticated;
