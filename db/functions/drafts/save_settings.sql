-- Change how drafts works for a tenant. `settings` has the columns of drafts.settings to change; other columns keep
-- their value. For owners. Raises PT400 for an unknown name or a value out of its range. Returns the settings.
-- call: repeatable
create or replace function drafts.save_settings(
  tenant uuid default null, settings jsonb default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  before drafts.settings;
  saved drafts.settings;
  unknown text;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  insert into drafts.settings (tenant_id) values (caller.tenant_id) on conflict do nothing;
  select * into before from drafts.settings as s where s.tenant_id = caller.tenant_id for update;
  select min(k.key) into unknown from jsonb_object_keys(save_settings.settings) as k (key)
  where not to_jsonb(before) ? k.key or k.key in ('tenant_id', 'created_at', 'updated_at');
  if unknown is not null then
    raise exception '%: is not a setting of drafts', unknown using errcode = 'PT400';
  end if;
  saved := jsonb_populate_record(before, save_settings.settings);
  delete from drafts.settings as s where s.tenant_id = caller.tenant_id;
  saved.updated_at := moment;
  insert into drafts.settings select saved.*;
  perform drafts.add_audit(saved.tenant_id, caller.actor_type, caller.actor_id, 'drafts.settings_saved',
    save_settings.settings, moment);
  return to_jsonb(saved);
end
$$;
revoke all on function drafts.save_settings from public;
grant execute on function drafts.save_settings to authenticated, service_role, app_rw;
