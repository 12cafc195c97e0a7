drop trigger if exists guardrails_versioned on public.guardrails;
drop function if exists app_private.add_guardrail_version, worker_api.list_guardrail_versions;
drop function if exists app_private.changing_actor;
drop table public.guardrail_versions;
