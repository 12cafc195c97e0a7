-- The evidence of the tenant with these keys: see worker_api.find_evidence. If a key names another tenant, nothing is
-- returned for it.
-- call: repeatable
create or replace function tenant_api.find_evidence(keys jsonb)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.find_evidence((
    select coalesce(jsonb_agg(
      case when k.key ->> 'tenant_id' = caller.tenant::text then k.key else k.key - 'tenant_id' end order by k.position
    ), '[]')
    from jsonb_array_elements(keys) with ordinality as k (key, position)
  ))
  from app_private.acting_tenant('owner', 'reviewer', 'member', 'agent') as caller (tenant)
$$;
revoke all on function tenant_api.find_evidence from public;
grant execute on function tenant_api.find_evidence to authenticated;
