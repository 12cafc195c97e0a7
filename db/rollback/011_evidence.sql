drop trigger if exists connected_accounts_guarded on public.connected_accounts;
drop function if exists app_private.guard_account;
drop function if exists worker_api.save_readings, worker_api.list_signals, worker_api.list_evidence,
  worker_api.find_evidence, worker_api.forget_evidence, worker_api.accounts_to_scan, worker_api.note_scan,
  worker_api.check_account, worker_api.save_guardrails, worker_api.hold_rate_bucket;
alter table public.connected_accounts
  drop column expires_at, drop column checked_at, drop column scanned_at, drop column problem;
alter table public.tool_catalog drop column scan;
alter table public.guardrails drop column evidence_max_age;
drop table public.signals;
drop table public.evidence;
