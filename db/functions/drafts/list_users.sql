-- The people who work on a tenant's replies, by name.
-- call: replica
create or replace function drafts.list_users(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(u) order by u.display_name, u.id), '[]')
  from drafts.users as u where u.tenant_id = drafts.tenant_of(list_users.tenant)
$$;
revoke all on function drafts.list_users from public;
grant execute on function drafts.list_users to authenticated, service_role, app_rw, app_ro;
