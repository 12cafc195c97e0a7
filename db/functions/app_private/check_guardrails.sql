-- Trigger: quiet hours must name a real time zone. The worker reads the rest strictly and holds what it cannot read.
create or replace function app_private.check_guardrails()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  zone text := coalesce(new.quiet_hours ->> 'time_zone', new.quiet_hours ->> 'timezone');
begin
  if zone is not null and not exists (select from pg_catalog.pg_timezone_names as z where z.name = zone) then
    raise exception 'quiet_hours.time_zone: % is no IANA time zone; write one such as Europe/Berlin', to_jsonb(zone)
      using errcode = 'PT400';
  end if;
  new.updated_at := app_private.acting_at();
  return new;
end
$$;
revoke all on function app_private.check_guardrails from public;
create or replace trigger guardrails_checked before insert or update on public.guardrails
  for each row execute function app_private.check_guardrails();
