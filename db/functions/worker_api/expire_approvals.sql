-- Close the approvals nobody gave in time; silence is a no. Returns how many envelopes expired.
create or replace function worker_api.expire_approvals(as_of timestamptz default null)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  late uuid[];
  entries app_private.audit_entry[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  select array_agg(a.envelope_id) into late
  from (
    select old.envelope_id from public.approvals as old
    where old.decision is null and old.expires_at <= moment
    order by old.expires_at, old.envelope_id
    limit 1000
  ) as a;
  if late is null then
    return 0;
  end if;

  perform from app_private.lanes as l   -- as in settle: lanes first, in one order, audit heads last
  where (l.tenant_id, l.lane) in (select o.tenant_id, o.lane from public.outbox as o where o.id = any (late))
  order by l.tenant_id, l.lane
  for update;

  with closed as (
    update public.approvals as a
    set decision = 'expired', decided_by = 'clock', decided_at = moment
    where a.envelope_id = any (late) and a.decision is null and a.expires_at <= moment
    returning a.envelope_id
  ), expired as (
    update public.outbox as o
    set status = 'expired', updated_at = moment
    from closed as c
    where o.id = c.envelope_id and o.status = 'awaiting_approval'
    returning o.*
  )
  select
    array_agg(app_private.envelope_entry(
      e.tenant_id, 'system', 'clock', 'expired', e.id, e.external_id, e.tool_slug,
      jsonb_build_object('status', 'expired', 'reason', 'nobody decided in time')
    ) order by e.tenant_id, e.id),
    array_agg(e.tenant_id) filter (where e.ordering_key is not null),
    array_agg(e.ordering_key) filter (where e.ordering_key is not null)
  into entries, freed_tenants, freed_keys
  from expired as e;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
    perform app_private.notify_workers();
  end if;
  if entries is not null then
    perform app_private.append_audit(entries, moment);
  end if;
  return coalesce(cardinality(entries), 0);
end
$$;
revoke all on function worker_api.expire_approvals from public;
grant execute on function worker_api.expire_approvals to service_role, app_rw, outbox_worker;
