-- Say what a word of a ticket system means: `field` is status (open, pending, resolved, closed) or priority (critical,
-- high, normal, low). A null `value` removes the word. Capital letters make no difference. For owners. Raises PT403,
-- PT400. Returns all words of this field with their meanings, as {word: meaning}.
-- call: repeatable
create or replace function autopilot.save_value_mapping(
  connection_type text, field text, source_value text, tenant uuid default null, value text default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  word constant text := lower(btrim(save_value_mapping.source_value));
  caller record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  if coalesce(save_value_mapping.connection_type, '') not in ('servicenow', 'jira', 'csv') then
    raise exception 'connection_type: must be servicenow, jira or csv' using errcode = 'PT400';
  elsif coalesce(save_value_mapping.field, '') not in ('status', 'priority') then
    raise exception 'field: must be status or priority' using errcode = 'PT400';
  elsif length(coalesce(word, '')) not between 1 and 255 then
    raise exception 'source_value: must have 1 to 255 characters' using errcode = 'PT400';
  elsif save_value_mapping.value not in ('open', 'pending', 'resolved', 'closed')
    and save_value_mapping.field = 'status'
  then
    raise exception 'value: a status is open, pending, resolved or closed' using errcode = 'PT400';
  elsif save_value_mapping.value not in ('critical', 'high', 'normal', 'low')
    and save_value_mapping.field = 'priority'
  then
    raise exception 'value: a priority is critical, high, normal or low' using errcode = 'PT400';
  end if;
  if save_value_mapping.value is null then
    delete from autopilot.value_mappings as m
    where m.organization_id = caller.tenant_id and m.connection_type = save_value_mapping.connection_type
      and m.field = save_value_mapping.field and m.source_value = word;
  else
    insert into autopilot.value_mappings as m (
      organization_id, connection_type, field, source_value, value, created_at, updated_at
    )
    values (
      caller.tenant_id, save_value_mapping.connection_type, save_value_mapping.field, word, save_value_mapping.value,
      moment, moment
    )
    on conflict on constraint value_mappings_pkey do update set value = excluded.value
    where m.value <> excluded.value;
  end if;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'autopilot.value_mapped', jsonb_build_object(
      'connection_type', save_value_mapping.connection_type, 'field', save_value_mapping.field,
      'value', save_value_mapping.value
    ), moment
  );
  return (
    select coalesce(jsonb_object_agg(m.source_value, m.value), '{}') from autopilot.value_mappings as m
    where m.organization_id = caller.tenant_id and m.connection_type = save_value_mapping.connection_type
      and m.field = save_value_mapping.field
  );
end
$$;
revoke all on function autopilot.save_value_mapping from public;
grant execute on function autopilot.save_value_mapping to authenticated, service_role, app_rw;
