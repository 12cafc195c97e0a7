-- Supabase Auth calls this function before it issues a JWT (Authentication → Hooks → custom access token). It copies
-- two values, which only an administrator can set, into claims of the JWT: `app_metadata.tenant_id` to `tenant_id`,
-- which row-level security reads, and `app_metadata.tenant_role` (owner, reviewer or member) to `tenant_role`. If a
-- value is missing or invalid, its claim is removed.
create or replace function app_private.custom_access_token_hook(event jsonb)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_set(
    event,
    '{claims}',
    ((event -> 'claims') - 'tenant_id' - 'tenant_role') || jsonb_strip_nulls(jsonb_build_object(
      'tenant_id', case
        when tenant ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then lower(tenant)
      end,
      'tenant_role', case when tenant_role in ('owner', 'reviewer', 'member') then tenant_role end
    ))
  )
  from (
    select event #>> '{claims,app_metadata,tenant_id}' as tenant,
      event #>> '{claims,app_metadata,tenant_role}' as tenant_role
  ) as app_metadata
$$;

revoke all on function app_private.custom_access_token_hook(jsonb) from public, anon, authenticated, service_role;

do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'supabase_auth_admin') then
    grant usage on schema app_private to supabase_auth_admin;
    grant execute on function app_private.custom_access_token_hook(jsonb) to supabase_auth_admin;
  end if;
end
$$;
