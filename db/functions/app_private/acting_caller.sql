-- Identify the caller and the tenant of a call: returns tenant_id, actor_type, actor_id and door. A function that both
-- operators and tenants may call begins with this one.
-- - An operator passes `tenant`, the actor and the door. Without a tenant: PT400.
-- - A tenant's user or agent is identified by the JWT. PT403 for a user or agent who passes an actor or a door, and for
--   a role that is not allowed.
-- Raises PT404 for an unknown tenant, and for another tenant than the one in the JWT.
create or replace function app_private.acting_caller(
  tenant uuid, by_type text, by_id text, by_door text, variadic allowed text[],
  out tenant_id uuid, out actor_type text, out actor_id text, out door text
)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if app_private.is_operator() then
    perform app_private.act_by(by_type, by_id, by_door);
    if tenant is null then
      raise exception 'tenant: is required' using errcode = 'PT400';
    elsif not exists (select from public.tenants as t where t.id = acting_caller.tenant) then
      raise exception 'tenant_id: no tenant %', tenant using errcode = 'PT404';
    end if;
    tenant_id := tenant;
    actor_type := coalesce(by_type, 'operator');
    actor_id := by_id;
    door := by_door;
    return;
  end if;
  tenant_id := app_private.acting_tenant(variadic allowed);
  if tenant <> tenant_id then
    raise exception 'tenant_id: no tenant %', tenant using errcode = 'PT404';
  elsif by_type <> 'operator' or by_id is not null or by_door is not null then
    raise exception 'actor_type, actor_id, door: a tenant cannot choose them' using errcode = 'PT403';
  end if;
  select caller.actor_type, caller.actor_id, caller.door into actor_type, actor_id, door
  from app_private.acting_user() as caller;
end
$$;
revoke all on function app_private.acting_caller from public;
