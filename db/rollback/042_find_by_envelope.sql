drop function if exists tenant_api.search_envelopes, tenant_api.read_envelope_audit;
drop function if exists worker_api.search_envelopes, worker_api.search_audit, worker_api.read_envelope_audit;
drop index public.audit_log_envelope_idx;
drop index public.outbox_objective_created_idx;
create index outbox_objective_idx on public.outbox (tenant_id, objective_id) where objective_id is not null;
