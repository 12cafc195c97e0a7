drop function if exists app_private.change_envelope;
drop function if exists worker_api.decide_approval, tenant_api.decide_approval;

alter table public.approvals
  drop constraint approvals_rejected_check, drop constraint approvals_rejection_code_check, drop column rejection_code;
alter table public.outbox drop column proposed_by;
alter table public.outbox_dlq drop column proposed_by;
