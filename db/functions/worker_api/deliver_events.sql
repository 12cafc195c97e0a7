-- Create one envelope for each event in the audit rows after seq `after` up to seq `up_to`, and store `up_to` as the
-- subscription's position in the audit log (`read_seq`), in one transaction. So each event becomes exactly one
-- envelope. The n-th elements of `envelopes`, `events` and `ordering_keys` are one event; the arrays may be empty.
-- Returns false, and changes nothing, if the position is not `after` (another scheduler was faster), or if the
-- subscription was deleted, is disabled, or has an address that got e-mail in the last minute.
-- call: repeatable
create or replace function worker_api.deliver_events(
  tenant uuid, id uuid, after bigint, up_to bigint, envelopes uuid[], events jsonb[], ordering_keys text[],
  as_of timestamptz default null
)
returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  subscription public.event_subscriptions;
begin
  select * into subscription from public.event_subscriptions as s
  where s.tenant_id = deliver_events.tenant and s.id = deliver_events.id and s.read_seq = deliver_events.after
    and s.disabled_at is null
  for update;
  -- subscriptions may name the same address, so only one call at a time enqueues e-mail of a tenant
  if subscription.kind = 'email' then
    perform pg_advisory_xact_lock(hashtextextended('mail of ' || subscription.tenant_id, 14));
  end if;
  if not found or up_to < after or (
    cardinality(deliver_events.envelopes) > 0
    and not app_private.may_mail(subscription, coalesce(deliver_events.as_of, now()))
  ) then
    return false;
  end if;
  update public.event_subscriptions as s set read_seq = deliver_events.up_to
  where s.tenant_id = subscription.tenant_id and s.id = subscription.id;
  if cardinality(deliver_events.envelopes) > 0 then
    perform app_private.enqueue_events(
      subscription, deliver_events.envelopes, deliver_events.events, deliver_events.ordering_keys, deliver_events.as_of
    );
  end if;
  return true;
end
$$;
revoke all on function worker_api.deliver_events from public;
grant execute on function worker_api.deliver_events to service_role, app_rw;
