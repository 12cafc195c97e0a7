-- The subscription of a tenant with this id, locked until the transaction ends. Raises PT404 if there is none.
create or replace function app_private.require_subscription(tenant uuid, id uuid)
returns public.event_subscriptions language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  subscription public.event_subscriptions;
begin
  select * into subscription from public.event_subscriptions as s
  where s.tenant_id = require_subscription.tenant and s.id = require_subscription.id for update;
  if not found then
    raise exception 'subscription: no %', require_subscription.id using errcode = 'PT404';
  end if;
  return subscription;
end
$$;
revoke all on function app_private.require_subscription from public;
