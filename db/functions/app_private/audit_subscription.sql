-- Append the audit row event_subscription.<event> with these details when the transaction commits.
create or replace function app_private.audit_subscription(
  subscription public.event_subscriptions, event text, details jsonb, actor_type text, actor_id text, moment timestamptz
)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform app_private.do_at_commit(
    audit_subscription.moment,
    audited_tenants => array[subscription.tenant_id], actor_type => audit_subscription.actor_type,
    actor_id => audit_subscription.actor_id, categories => array['event_subscription.' || audit_subscription.event],
    payloads => array[jsonb_build_object('subscription_id', subscription.id) || audit_subscription.details],
    made_at => audit_subscription.moment
  );
end
$$;
revoke all on function app_private.audit_subscription from public;
