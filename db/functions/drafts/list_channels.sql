-- The channels of a tenant or of all tenants (null), by name.
-- call: replica
create or replace function drafts.list_channels(tenant uuid default null, type text default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(ch) order by ch.name, ch.tenant_id, ch.id), '[]')
  from drafts.channels as ch
  where (list_channels.tenant is null or ch.tenant_id = drafts.tenant_of(list_channels.tenant))
    and (list_channels.type is null or ch.type = list_channels.type)
$$;
revoke all on function drafts.list_channels from public;
grant execute on function drafts.list_channels to authenticated, service_role, app_rw, app_ro;
