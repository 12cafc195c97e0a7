-- What Supabase Auth asks before it issues a JWT (Authentication → Hooks → custom access token): puts the tenant that an
-- administrator gave the user (`app_metadata.tenant_id`) where row-level security looks for it. Users cannot write
-- app_metadata. Whatever else stands at the top is removed, so that a JWT names a tenant by this way alone.
create or replace function app_private.custom_access_token_hook(event jsonb)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_set(
    event,
    '{claims}',
    case
      when tenant ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      then jsonb_set(event -> 'claims', '{tenant_id}', to_jsonb(lower(tenant)))
      else (event -> 'claims') - 'tenant_id'
    end
  )
  from (select event #>> '{claims,app_metadata,tenant_id}' as tenant) as given
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
