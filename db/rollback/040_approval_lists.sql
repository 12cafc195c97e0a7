drop function if exists worker_api.list_approvals, worker_api.decide_approval, tenant_api.decide_approval,
  worker_api.list_decided, worker_api.read_reviewers;
create index approvals_expiry_idx on public.approvals (expires_at) where decision is null;
drop index public.approvals_tenant_requested_idx, public.approvals_tenant_expires_idx, public.approvals_requested_idx,
  public.approvals_expires_idx, public.approvals_tenant_decided_idx, public.approvals_decided_idx;
alter table public.approvals drop column tool_slug, drop column risk, drop column proposed_by, drop column shown_whole;
