drop function if exists worker_api.save_guardrails, tenant_api.save_guardrails, worker_api.remind_approvers;
-- A trigger calls app_private.check_guardrails, so it must work without the column dropped below.
create or replace function app_private.check_guardrails()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before public.guardrails;   -- null on insert
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if new.quiet_hours is distinct from before.quiet_hours then
    perform app_private.check_quiet_hours(new.quiet_hours);
  end if;
  if new.scopes is distinct from before.scopes then
    perform app_private.check_scopes(new.scopes);
  end if;
  if new.rate_limits is distinct from before.rate_limits then
    perform app_private.check_rate_limits(new.rate_limits);
  end if;
  if new.trust_threshold is distinct from before.trust_threshold then
    perform app_private.fits('trust_threshold', new.trust_threshold);
  end if;
  if new.approval_rules is distinct from before.approval_rules then
    perform app_private.check_approval_rules(new.approval_rules);
  end if;
  new.updated_at := app_private.acting_at();
  return new;
end
$$;
drop function if exists app_private.check_approval_reminders;

alter table public.approvals
  drop constraint approvals_escalated_check, drop constraint approvals_escalated_to_check,
  drop column escalation_level, drop column escalated_to, drop column escalated_at, drop column reminded_at,
  drop column reminder_steps;
alter table public.guardrails drop column approval_reminders;
