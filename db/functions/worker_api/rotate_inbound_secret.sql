-- Create a new signing secret for an inbound webhook. The old secret is accepted for 24 more hours, in which the sender
-- changes to the new one. Returns the row. Raises PT404 if there is no such webhook.
-- call: not repeatable
create or replace function worker_api.rotate_inbound_secret(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null, actor_type text default 'operator',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  changed public.inbound_webhooks;
begin
  perform app_private.act_by(
    rotate_inbound_secret.actor_type, rotate_inbound_secret.actor_id, rotate_inbound_secret.door
  );
  update public.inbound_webhooks as w
  set secret_version = w.secret_version + 1, secret_rotated_at = moment
  where w.tenant_id = rotate_inbound_secret.tenant and w.id = rotate_inbound_secret.id
  returning * into changed;
  if changed.id is null then
    raise exception 'inbound webhook: no %', rotate_inbound_secret.id using errcode = 'PT404';
  end if;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[changed.tenant_id], actor_type => rotate_inbound_secret.actor_type,
    actor_id => rotate_inbound_secret.actor_id, categories => array['inbound_webhook.secret_rotated'],
    payloads => array[jsonb_build_object(
      'inbound_webhook_id', changed.id, 'name', changed.name, 'secret_version', changed.secret_version
    )],
    made_at => moment
  );
  return to_jsonb(changed);
end
$$;
revoke all on function worker_api.rotate_inbound_secret from public;
grant execute on function worker_api.rotate_inbound_secret to service_role, app_rw;
