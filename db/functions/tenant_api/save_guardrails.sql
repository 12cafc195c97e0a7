-- Write the guardrails of the tenant: see worker_api.save_guardrails. For owners.
-- call: not repeatable
create or replace function tenant_api.save_guardrails(
  quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer,
  rate_limits jsonb, approval_rules jsonb default null, replaces integer default null,
  approval_reminders jsonb default null
)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.save_guardrails(
    tenant => app_private.acting_tenant('owner'), quiet_hours => save_guardrails.quiet_hours,
    trust_threshold => save_guardrails.trust_threshold, scopes => save_guardrails.scopes,
    require_evidence => save_guardrails.require_evidence, evidence_max_age => save_guardrails.evidence_max_age,
    rate_limits => save_guardrails.rate_limits, approval_rules => save_guardrails.approval_rules,
    replaces => save_guardrails.replaces, approval_reminders => save_guardrails.approval_reminders,
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.save_guardrails from public;
grant execute on function tenant_api.save_guardrails to authenticated;
