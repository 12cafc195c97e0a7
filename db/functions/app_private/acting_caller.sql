-- The caller of a function that both operators and tenants may call, and the tenant for which it is called. Such a
-- function calls this first.
--
-- An operator passes the tenant, the actor and the door. A tenant's user or agent is identified by the claims of the
-- JWT and by the door that the API noted, and must not pass these arguments; its role within the tenant must be one of
-- those allowed. The door is noted for the audit rows of this transaction.
--
-- Raises PT404 for a tenant that does not exist, and for another tenant than that of the claims; PT403 for a role that
-- is not allowed, for a token without a tenant, and for a tenant that names an actor or a door; PT400 for an operator
-- who names no tenant. The argument `as_of` of such a function goes through app_private.acting_moment.
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
  select me.actor_type, me.actor_id, me.door into actor_type, actor_id, door from app_private.acting_user() as me;
end
$$;
revoke all on function app_private.acting_caller from public;
