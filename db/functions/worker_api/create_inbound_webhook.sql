-- Create an inbound webhook, to which another system sends events for the tenant. The caller chooses a new `id`.
-- Returns the row. Raises PT404 for an unknown tenant, PT400 for an invalid name or if the tenant has 20 webhooks, and
-- PT409 if the tenant has a webhook with this name.
-- call: not repeatable
create or replace function worker_api.create_inbound_webhook(
  tenant uuid, id uuid, name text, actor_id text, as_of timestamptz default null, actor_type text default 'operator',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  created public.inbound_webhooks;
begin
  perform app_private.check_texts(
    'name', create_inbound_webhook.name, 'actor_type', create_inbound_webhook.actor_type,
    'actor_id', create_inbound_webhook.actor_id, 'door', create_inbound_webhook.door
  );
  perform set_config('app.door', coalesce(create_inbound_webhook.door, ''), true);
  if coalesce(create_inbound_webhook.name, '') !~ '^[a-z][a-z0-9_-]{0,62}$' then
    raise exception 'name: must begin with a letter a-z and have at most 63 characters: a-z, 0-9, _ and -' using errcode = 'PT400';
  elsif not exists (select from public.tenants as t where t.id = create_inbound_webhook.tenant) then
    raise exception 'tenant_id: no tenant %', create_inbound_webhook.tenant using errcode = 'PT404';
  elsif (
    select count(*) >= 20 from public.inbound_webhooks as w where w.tenant_id = create_inbound_webhook.tenant
  ) then
    raise exception 'inbound_webhooks: a tenant has at most 20; delete some first' using errcode = 'PT400';
  end if;
  insert into public.inbound_webhooks (tenant_id, id, name, created_at, created_by)
  values (
    create_inbound_webhook.tenant, create_inbound_webhook.id, create_inbound_webhook.name, moment,
    create_inbound_webhook.actor_id
  )
  on conflict on constraint inbound_webhooks_name_key do nothing
  returning * into created;
  if created.id is null then
    raise exception 'name: % is taken; choose another one', create_inbound_webhook.name using errcode = 'PT409';
  end if;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[created.tenant_id], actor_type => create_inbound_webhook.actor_type,
    actor_id => create_inbound_webhook.actor_id, categories => array['inbound_webhook.created'],
    payloads => array[jsonb_build_object('inbound_webhook_id', created.id, 'name', created.name)], made_at => moment
  );
  return to_jsonb(created);
end
$$;
revoke all on function worker_api.create_inbound_webhook from public;
grant execute on function worker_api.create_inbound_webhook to service_role, app_rw;
