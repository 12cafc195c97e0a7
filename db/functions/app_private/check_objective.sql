-- Trigger: raise an error if an objective has a value that is too long or that readers cannot parse. Only changed
-- columns are checked.
create or replace function app_private.check_objective()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before public.objectives;   -- null on insert
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  perform
    new.title is not distinct from before.title or app_private.fits('title', new.title, 16384),
    new.metric is not distinct from before.metric or app_private.fits('metric', new.metric, 1024),
    new.target is not distinct from before.target or app_private.fits('target', new.target, 16384),
    new.horizon is not distinct from before.horizon or app_private.fits('horizon', new.horizon, 16384),
    new.summary is not distinct from before.summary or app_private.fits('summary', new.summary, 65536),
    new.created_at is not distinct from before.created_at or app_private.fits('created_at', new.created_at),
    new.updated_at is not distinct from before.updated_at or app_private.fits('updated_at', new.updated_at);
  return new;
end
$$;
revoke all on function app_private.check_objective from public;
create or replace trigger objectives_checked before insert or update on public.objectives
  for each row execute function app_private.check_objective();
