-- The pauses stay, without their ends: they last until somebody resumes the tenants. Those that have ended are removed.
drop function if exists worker_api.pause_tenant, tenant_api.pause_tenant, worker_api.list_tenants, worker_api.get_tenant,
  worker_api.accounts_to_scan;
update public.tenants set paused_at = null, paused_reason = null, pause_ends_at = null where pause_ends_at <= now();
alter table public.tenants drop column pause_ends_at;
