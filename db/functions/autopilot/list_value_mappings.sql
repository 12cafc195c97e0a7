-- What words of ticket systems mean for a tenant: a list of {connection_type, field, source_value, value}, sorted by
-- these.
-- call: replica
create or replace function autopilot.list_value_mappings(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'connection_type', m.connection_type, 'field', m.field, 'source_value', m.source_value, 'value', m.value
  ) order by m.connection_type, m.field, m.source_value), '[]')
  from autopilot.value_mappings as m
  where m.organization_id = autopilot.tenant_of(list_value_mappings.tenant)
$$;
revoke all on function autopilot.list_value_mappings from public;
grant execute on function autopilot.list_value_mappings to authenticated, service_role, app_rw, app_ro;
