-- The tokens of a tenant, the newest first, at most 1000.
-- call: replica
create or replace function worker_api.list_api_tokens(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(newest), '[]')
  from (
    select t.*
    from public.api_tokens as t
    where t.tenant_id = list_api_tokens.tenant
    order by t.created_at desc, t.id
    limit 1000
  ) as newest
$$;
revoke all on function worker_api.list_api_tokens from public;
grant execute on function worker_api.list_api_tokens to service_role, app_rw, app_ro, authenticated;
