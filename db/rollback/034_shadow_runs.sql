drop function if exists tenant_api.start_shadow, tenant_api.stop_shadow;
drop function if exists worker_api.start_shadow, worker_api.stop_shadow, worker_api.list_shadow_runs,
  worker_api.list_shadow_differences, worker_api.record_shadow;
drop table public.shadow_verdicts;
drop table public.shadow_runs;
