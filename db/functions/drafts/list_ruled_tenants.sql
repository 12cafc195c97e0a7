-- The tenants that have a topic in shadow or automatic mode, as a list of ids. For operators.
-- call: repeatable
create or replace function drafts.list_ruled_tenants()
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(distinct r.tenant_id), '[]') from drafts.topic_rules as r
  where r.mode in ('shadow', 'automatic')
$$;
revoke all on function drafts.list_ruled_tenants from public;
grant execute on function drafts.list_ruled_tenants to service_role, app_rw;
