drop function if exists worker_api.save_guardrails, tenant_api.save_guardrails, worker_api.save_objective,
  tenant_api.save_objective;
