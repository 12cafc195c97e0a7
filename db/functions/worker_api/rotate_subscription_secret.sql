-- Create a new signing secret for a subscription. For 24 hours, deliveries are signed with the old secret too, until
-- the receivers have changed to the new one. Returns the row. Raises PT404 if there is no such subscription.
-- call: not repeatable
create or replace function worker_api.rotate_subscription_secret(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null, actor_type text default 'operator',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  changed public.event_subscriptions;
begin
  perform app_private.act_by(
    rotate_subscription_secret.actor_type, rotate_subscription_secret.actor_id, rotate_subscription_secret.door
  );
  perform app_private.require_subscription(rotate_subscription_secret.tenant, rotate_subscription_secret.id);
  update public.event_subscriptions as s
  set secret_version = s.secret_version + 1, secret_rotated_at = moment
  where s.tenant_id = rotate_subscription_secret.tenant and s.id = rotate_subscription_secret.id
  returning * into changed;
  perform app_private.audit_subscription(
    changed, 'secret_rotated', jsonb_build_object('secret_version', changed.secret_version),
    rotate_subscription_secret.actor_type, rotate_subscription_secret.actor_id, moment
  );
  return to_jsonb(changed);
end
$$;
revoke all on function worker_api.rotate_subscription_secret from public;
grant execute on function worker_api.rotate_subscription_secret to service_role, app_rw;
