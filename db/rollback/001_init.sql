-- Takes the core away again, with everything in it. The role outbox_worker stays: other databases may use it.
drop schema if exists worker_api cascade;
drop table if exists
  public.audit_log, public.approvals, public.outbox_dlq, public.outbox, public.tool_catalog,
  public.connected_accounts, public.guardrails, public.objectives, public.tenants cascade;
drop schema if exists app_private cascade;
