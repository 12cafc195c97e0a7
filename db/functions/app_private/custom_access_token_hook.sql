-- Called by Supabase Auth before it issues a JWT (Authentication → Hooks → custom access token). Copies the tenant that
-- an administrator gave the user (`app_metadata.tenant_id`, which users cannot write) to the claim `tenant_id`, which
-- row-level security reads. Without such a tenant the claim is removed, so that a JWT cannot get its tenant in another
-- way.
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
  from (select event #>> '{claims,app_metadata,tenant_id}' as tenant) as app_metadata
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
