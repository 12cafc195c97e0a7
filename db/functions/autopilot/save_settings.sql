-- Change how autopilot works for a tenant; null arguments change nothing. An empty slug removes a tool: its message is
-- no longer sent. Without `sync_tool_slug`, our own worker does the syncs. With `replaces`, the settings must still be as
-- the caller read them: all of them, without their times. For owners. Raises PT403, PT400 for a value out of its range,
-- and PT409 if the settings have changed. Returns the settings.
-- call: repeatable
create or replace function autopilot.save_settings(
  tenant uuid default null, needed_tickets integer default null, validation_target integer default null,
  trusted_percent integer default null, run_hours integer default null, sync_tool_slug text default null,
  status_tool_slug text default null, cluster_tool_slug text default null, enrichment_tool_slug text default null,
  article_tool_slug text default null, response_tool_slug text default null, minutes_per_ticket integer default null,
  cost_per_hour numeric default null, replaces jsonb default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  before autopilot.settings;
  saved autopilot.settings;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform app_private.check_texts(
    'sync_tool_slug', save_settings.sync_tool_slug, 'status_tool_slug', save_settings.status_tool_slug,
    'cluster_tool_slug', save_settings.cluster_tool_slug, 'enrichment_tool_slug', save_settings.enrichment_tool_slug,
    'article_tool_slug', save_settings.article_tool_slug, 'response_tool_slug', save_settings.response_tool_slug
  );
  perform app_private.check_not_reserved(array[
    save_settings.sync_tool_slug, save_settings.status_tool_slug, save_settings.cluster_tool_slug,
    save_settings.enrichment_tool_slug, save_settings.article_tool_slug, save_settings.response_tool_slug
  ], array[]::jsonb[]);
  if save_settings.needed_tickets not between 1 and 1000000 then
    raise exception 'needed_tickets: must be from 1 to 1000000' using errcode = 'PT400';
  elsif save_settings.validation_target not between 1 and 10000 then
    raise exception 'validation_target: must be from 1 to 10000' using errcode = 'PT400';
  elsif save_settings.trusted_percent not between 1 and 100 then
    raise exception 'trusted_percent: must be from 1 to 100' using errcode = 'PT400';
  elsif save_settings.run_hours not between 1 and 720 then
    raise exception 'run_hours: must be from 1 to 720' using errcode = 'PT400';
  elsif save_settings.minutes_per_ticket not between 1 and 1440 then
    raise exception 'minutes_per_ticket: must be from 1 to 1440' using errcode = 'PT400';
  elsif save_settings.cost_per_hour not between 0 and 100000 then
    raise exception 'cost_per_hour: must be from 0 to 100000' using errcode = 'PT400';
  end if;
  insert into autopilot.settings (organization_id, created_at) values (caller.tenant_id, moment) on conflict do nothing;
  select * into before from autopilot.settings as s where s.organization_id = caller.tenant_id for update;
  if save_settings.replaces <> to_jsonb(before) - 'organization_id' - 'created_at' - 'updated_at' then
    raise exception 'replaces: the settings have changed meanwhile' using errcode = 'PT409';
  end if;
  update autopilot.settings as s
  set
    needed_tickets = coalesce(save_settings.needed_tickets, s.needed_tickets),
    validation_target = coalesce(save_settings.validation_target, s.validation_target),
    trusted_percent = coalesce(save_settings.trusted_percent, s.trusted_percent),
    run_hours = coalesce(save_settings.run_hours, s.run_hours),
    sync_tool_slug = nullif(coalesce(save_settings.sync_tool_slug, s.sync_tool_slug), ''),
    status_tool_slug = nullif(coalesce(save_settings.status_tool_slug, s.status_tool_slug), ''),
    cluster_tool_slug = nullif(coalesce(save_settings.cluster_tool_slug, s.cluster_tool_slug), ''),
    enrichment_tool_slug = nullif(coalesce(save_settings.enrichment_tool_slug, s.enrichment_tool_slug), ''),
    article_tool_slug = nullif(coalesce(save_settings.article_tool_slug, s.article_tool_slug), ''),
    response_tool_slug = nullif(coalesce(save_settings.response_tool_slug, s.response_tool_slug), ''),
    minutes_per_ticket = coalesce(save_settings.minutes_per_ticket, s.minutes_per_ticket),
    cost_per_hour = coalesce(save_settings.cost_per_hour, s.cost_per_hour)
  where s.organization_id = caller.tenant_id
  returning s.* into saved;
  if to_jsonb(saved) - 'updated_at' <> to_jsonb(before) - 'updated_at' then
    perform autopilot.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'autopilot.settings_saved', (
      select jsonb_object_agg(n.key, n.value) from jsonb_each(to_jsonb(saved) - 'updated_at') as n
      where n.value is distinct from to_jsonb(before) -> n.key
    ), moment);
  end if;
  return to_jsonb(saved);
end
$$;
revoke all on function autopilot.save_settings from public;
grant execute on function autopilot.save_settings to authenticated, service_role, app_rw;
