drop trigger if exists guardrails_versioned on public.guardrails;
drop function if exists tenant_api.start_pause, tenant_api.end_pause;
drop function if exists app_private.add_guardrail_version, worker_api.list_guardrail_versions, worker_api.start_pause,
  worker_api.end_pause, worker_api.list_pauses;
drop function if exists app_private.changing_actor;
drop table public.pauses;
drop table public.guardrail_versions;
