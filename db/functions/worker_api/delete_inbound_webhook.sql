-- Delete an inbound webhook: it accepts no more events. Its evidence is kept. Returns the row. Raises PT404 if there is
-- no such webhook.
-- call: not repeatable
create or replace function worker_api.delete_inbound_webhook(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null, actor_type text default 'operator',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  deleted public.inbound_webhooks;
begin
  perform app_private.act_by(
    delete_inbound_webhook.actor_type, delete_inbound_webhook.actor_id, delete_inbound_webhook.door
  );
  delete from public.inbound_webhooks as w
  where w.tenant_id = delete_inbound_webhook.tenant and w.id = delete_inbound_webhook.id
  returning * into deleted;
  if deleted.id is null then
    raise exception 'inbound webhook: no %', delete_inbound_webhook.id using errcode = 'PT404';
  end if;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[deleted.tenant_id], actor_type => delete_inbound_webhook.actor_type,
    actor_id => delete_inbound_webhook.actor_id, categories => array['inbound_webhook.deleted'],
    payloads => array[jsonb_build_object('inbound_webhook_id', deleted.id, 'name', deleted.name)], made_at => moment
  );
  return to_jsonb(deleted);
end
$$;
revoke all on function worker_api.delete_inbound_webhook from public;
grant execute on function worker_api.delete_inbound_webhook to service_role, app_rw;
