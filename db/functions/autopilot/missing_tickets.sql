-- Whether a tenant has too few tickets for its first model. Returns {current_total_tickets, needed_total_tickets} if it has
-- no active model and fewer tickets than its settings ask for, else null. For workers.
-- call: repeatable
create or replace function autopilot.missing_tickets(tenant uuid)
returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  needed constant integer := (autopilot.settings_of(tenant)).needed_tickets;
  total integer;
begin
  if exists (select from autopilot.ml_models as m where m.organization_id = tenant and m.active) then
    return null;
  end if;
  select count(*) into total from (
    select from autopilot.tickets as t where t.organization_id = tenant limit needed
  ) as t;
  return case
    when total < needed then jsonb_build_object('current_total_tickets', total, 'needed_total_tickets', needed)
  end;
end
$$;
revoke all on function autopilot.missing_tickets from public;
grant execute on function autopilot.missing_tickets to service_role, app_rw;
