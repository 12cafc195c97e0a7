-- Write a tenant's guardrails. If approval_rules or approval_reminders is null, the stored value stays. If `replaces`
-- is given and is not the number of the latest version (0 if there is none yet), nothing is written and PT409 is
-- raised. Envelopes that the guardrails held are judged again at commit.
-- call: not repeatable
create or replace function worker_api.save_guardrails(
  tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean,
  evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null, approval_rules jsonb default null,
  replaces integer default null, approval_reminders jsonb default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
#variable_conflict use_variable
begin
  perform app_private.check_texts(
    'actor_type', save_guardrails.actor_type, 'actor_id', save_guardrails.actor_id, 'door', save_guardrails.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  if replaces is not null then
    perform from public.tenants as t where t.id = tenant for no key update;  -- a concurrent change waits here
    if replaces <> (select coalesce(max(v.version), 0) from public.guardrail_versions as v where v.tenant_id = tenant)
    then
      raise exception 'guardrails: have changed since you read them; read them again' using errcode = 'PT409';
    end if;
  end if;
  insert into public.guardrails as g (
    tenant_id, quiet_hours, trust_threshold, scopes, require_evidence, evidence_max_age, rate_limits,
    approval_rules, approval_reminders
  )
  values (
    tenant, quiet_hours, trust_threshold, scopes, require_evidence, evidence_max_age, rate_limits,
    coalesce(approval_rules, '{}'), coalesce(approval_reminders, '{}')
  )
  on conflict (tenant_id) do update
  set quiet_hours = excluded.quiet_hours, trust_threshold = excluded.trust_threshold, scopes = excluded.scopes,
      require_evidence = excluded.require_evidence, evidence_max_age = excluded.evidence_max_age,
      rate_limits = excluded.rate_limits,
      approval_rules = coalesce(save_guardrails.approval_rules, g.approval_rules),
      approval_reminders = coalesce(save_guardrails.approval_reminders, g.approval_reminders);
end
$$;
revoke all on function worker_api.save_guardrails from public;
grant execute on function worker_api.save_guardrails to service_role, app_rw;
