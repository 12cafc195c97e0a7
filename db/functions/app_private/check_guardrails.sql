-- Trigger: raise an error for guardrails that the worker cannot read. Only changed columns are checked. So a row that
-- was stored before a rule existed can still be updated.
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
  if new.approval_reminders is distinct from before.approval_reminders then
    perform app_private.check_approval_reminders(new.approval_reminders);
  end if;
  new.updated_at := app_private.acting_at();
  return new;
end
$$;
revoke all on function app_private.check_guardrails from public;
create or replace trigger guardrails_checked before insert or update on public.guardrails
  for each row execute function app_private.check_guardrails();
