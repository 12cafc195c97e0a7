-- The tenant in the caller's JWT. Raises PT403 if the JWT has no tenant, or if the caller's role is not one of the
-- allowed roles.
create or replace function app_private.acting_tenant(variadic allowed text[])
returns uuid language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := app_private.current_tenant_id_uuid();
  tenant_role constant text := app_private.current_tenant_role();
begin
  if tenant is null then
    raise exception 'tenant_id: the token lacks this claim' using errcode = 'PT403';
  elsif tenant_role <> all (allowed) then
    raise exception 'tenant_role: % may not do this; allowed: %', tenant_role, array_to_string(allowed, ', ')
      using errcode = 'PT403';
  end if;
  return tenant;
end
$$;
revoke all on function app_private.acting_tenant from public;
