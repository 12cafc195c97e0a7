-- How drafts works for a tenant: its settings, or the defaults.
-- call: replica
create or replace function drafts.read_settings(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce((select to_jsonb(s) from drafts.settings as s where s.tenant_id = drafts.tenant_of(read_settings.tenant)), '{}')
$$;
revoke all on function drafts.read_settings from public;
grant execute on function drafts.read_settings to authenticated, service_role, app_rw, app_ro;
