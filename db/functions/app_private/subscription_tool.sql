-- The tool that delivers events to a subscription, in the form of a row of tool_catalog. It has the time of the last
-- rotation of the secret, because in the 24 hours after a rotation deliveries are signed with both secrets. If the
-- subscription is disabled, its tool counts as removed, so that its deliveries are held.
create or replace function app_private.subscription_tool(subscription public.event_subscriptions)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'tenant_id', subscription.tenant_id, 'tool_slug', 'control_plane__event.' || subscription.id, 'version', '1',
    'provider', case subscription.kind when 'email' then 'email' else 'http' end, 'idempotent', true,
    'status', case when subscription.disabled_at is null then 'active' else 'removed' end,
    'subscription_id', subscription.id,
    'config', jsonb_strip_nulls(jsonb_build_object(
      'kind', subscription.kind, 'target', subscription.target, 'via', subscription.via,
      'secret_version', subscription.secret_version, 'secret_rotated_at', subscription.secret_rotated_at
    ))
  )
$$;
revoke all on function app_private.subscription_tool from public;
