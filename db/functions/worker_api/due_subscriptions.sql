-- The subscriptions that have work, as [{tenant_id, id}]: the audit log has new rows and there is room for deliveries,
-- or a delivery has ended and is not recorded yet. Disabled subscriptions are left out.
-- There is room while fewer than 100 deliveries wait. An e-mail subscription has room while no delivery waits and no
-- address of the subscription got an e-mail in the last minute. The e-mail subscriptions of a tenant are listed by the
-- time of their last e-mail, the earliest first.
-- call: repeatable
create or replace function worker_api.due_subscriptions(tenant uuid default null, as_of timestamptz default null)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(
    jsonb_build_object('tenant_id', s.tenant_id, 'id', s.id)
    order by s.tenant_id, s.mailed_at nulls first, s.id
  ), '[]')
  from public.event_subscriptions as s
  left join app_private.audit_heads as h on h.tenant_id = s.tenant_id
  where s.disabled_at is null and (due_subscriptions.tenant is null or s.tenant_id = due_subscriptions.tenant)
    and (
      h.seq > s.read_seq and app_private.may_mail(s, coalesce(due_subscriptions.as_of, now())) and (
        select count(*) < case s.kind when 'email' then 1 else 100 end from app_private.event_deliveries as d
        where d.tenant_id = s.tenant_id and d.subscription_id = s.id
      )
      or exists (
        select from app_private.event_deliveries as d
        where d.tenant_id = s.tenant_id and d.subscription_id = s.id and not exists (
          select from app_private.open_envelopes as e where e.tenant_id = d.tenant_id and e.id = d.envelope_id
        )
      )
    )
$$;
revoke all on function worker_api.due_subscriptions from public;
grant execute on function worker_api.due_subscriptions to service_role, app_rw;
