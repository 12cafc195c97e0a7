drop function if exists app_private.change_envelope;
drop function if exists worker_api.decide_approval, tenant_api.decide_approval, worker_api.list_decisions,
  worker_api.save_guardrails, tenant_api.save_guardrails;
drop function if exists app_private.check_approval_rules, app_private.is_list_of_risks, app_private.are_conditions;

alter table public.guardrails drop column approval_rules;
alter table public.approvals
  drop constraint approvals_first_check, drop constraint approvals_edited_check,
  drop column first_approved_at, drop column first_approved_by, drop column decided_digest, drop column decided_arguments;
alter table public.outbox drop column proposed_arguments;
alter table public.outbox_dlq drop column proposed_arguments;
alter table public.approvals
  drop constraint approvals_rejected_check, drop constraint approvals_rejection_code_check, drop column rejection_code;
alter table public.outbox drop column proposed_by;
alter table public.outbox_dlq drop column proposed_by;
