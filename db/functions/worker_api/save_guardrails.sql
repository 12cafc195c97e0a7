-- Write a tenant's guardrails. Triggers check them, append the audit row, and have the envelopes that they held judged
-- again.
-- call: once
create or replace function worker_api.save_guardrails(
  tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean,
  evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null, approval_rules jsonb default '{}'
)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select app_private.check_texts(
    'actor_type', save_guardrails.actor_type, 'actor_id', save_guardrails.actor_id, 'door', save_guardrails.door
  );
  select app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.guardrails as g (
    tenant_id, quiet_hours, trust_threshold, scopes, require_evidence, evidence_max_age, rate_limits,
    approval_rules
  )
  values (
    tenant, quiet_hours, trust_threshold, scopes, require_evidence, evidence_max_age, rate_limits, approval_rules
  )
  on conflict (tenant_id) do update
  set quiet_hours = excluded.quiet_hours, trust_threshold = excluded.trust_threshold, scopes = excluded.scopes,
      require_evidence = excluded.require_evidence, evidence_max_age = excluded.evidence_max_age,
      rate_limits = excluded.rate_limits, approval_rules = excluded.approval_rules
$$;
revoke all on function worker_api.save_guardrails from public;
grant execute on function worker_api.save_guardrails to service_role, app_rw;
