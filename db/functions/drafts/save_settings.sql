-- Change how drafts works for a tenant. `settings` has the columns of drafts.settings to change. Other columns keep
-- their value. Returns the settings. For owners. Raises PT400 for an unknown column or a value out of its range.
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
  setting record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  insert into drafts.settings (tenant_id) values (caller.tenant_id) on conflict do nothing;
  select * into before from drafts.settings as s where s.tenant_id = caller.tenant_id for update;
  perform drafts.check_fields('settings', save_settings.settings, jsonb_object_agg(k.key, 'integer'))
  from jsonb_object_keys(to_jsonb(before)) as k (key);
  for setting in
    select e.key, e.value,
      case when e.key = 'quiet_seconds' then 0 else 1 end as lowest,
      case e.key when 'quiet_seconds' then 86400 when 'archive_after_days' then 3650 else 525600 end as highest
    from jsonb_each(save_settings.settings) as e (key, value)
    order by e.key
  loop
    if not to_jsonb(before) ? setting.key or setting.key in ('tenant_id', 'created_at', 'updated_at') then
      raise exception '%: is not a setting of drafts', setting.key using errcode = 'PT400';
    elsif setting.value = 'null' and setting.key <> 'archive_after_days' then
      raise exception '%: must be a whole number; leave it out to keep it', setting.key using errcode = 'PT400';
    elsif setting.value <> 'null' and (setting.value)::integer not between setting.lowest and setting.highest then
      raise exception '%: must be from % to %', setting.key, setting.lowest, setting.highest using errcode = 'PT400';
    end if;
  end loop;
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
