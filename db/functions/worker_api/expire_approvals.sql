-- Expire the approvals that nobody decided in time, with their envelopes: at most 1000 per call. Returns how many
-- envelopes expired. Never waits for a lock. If another transaction has locked an envelope's lane or its tenant's chain
-- head, the approval expires in a later call.
-- call: repeatable
create or replace function worker_api.expire_approvals(
  as_of timestamptz default null, actor_type text default 'system',
  actor_id text default 'clock', door text default null
)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  late_tenants uuid[];
  late_ids uuid[];
  busy_tenants uuid[] := '{}';
  audited_tenants uuid[];
  payloads jsonb[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  perform app_private.check_texts(
    'actor_type', expire_approvals.actor_type, 'actor_id', expire_approvals.actor_id, 'door', expire_approvals.door
  );
  -- If all approvals of a batch are locked, try the next batch, without the tenants that have locked rows.
  loop
    select array_agg(a.tenant_id), array_agg(a.envelope_id) into late_tenants, late_ids
    from (
      select old.tenant_id, old.envelope_id from public.approvals as old
      where old.decision is null and old.expires_at <= moment and old.tenant_id <> all (busy_tenants)
      order by old.expires_at, old.envelope_id
      limit 1000
    ) as a;
    if late_ids is null then
      return 0;
    end if;

    with free as (   -- locked in the same order as in settle: lanes first, then chain heads
      select l.tenant_id, l.lane
      from app_private.lanes as l
      where (l.tenant_id, l.lane) in (
        select o.tenant_id, o.lane
        from unnest(late_tenants, late_ids) as a (tenant_id, id)
        join public.outbox as o on o.tenant_id = a.tenant_id and o.id = a.id
      )
      order by l.tenant_id, l.lane
      for update skip locked
    ), heads as (
      select h.tenant_id
      from app_private.audit_heads as h
      where h.tenant_id in (select f.tenant_id from free as f)
      order by h.tenant_id
      for update skip locked
    ), checked as (
      select
        a.tenant_id, a.id,
        o.id is null or (f.lane is not null and (h.tenant_id is not null or not exists (
          select from app_private.audit_heads as head where head.tenant_id = a.tenant_id
        ))) as is_free
      from unnest(late_tenants, late_ids) as a (tenant_id, id)
      left join public.outbox as o on o.tenant_id = a.tenant_id and o.id = a.id
      left join free as f on f.tenant_id = o.tenant_id and f.lane = o.lane
      left join heads as h on h.tenant_id = o.tenant_id
    )
    select
      array_agg(s.tenant_id) filter (where s.is_free), array_agg(s.id) filter (where s.is_free),
      busy_tenants || coalesce(array_agg(distinct s.tenant_id) filter (where not s.is_free), '{}')
    into late_tenants, late_ids, busy_tenants
    from checked as s;
    exit when late_ids is not null;
  end loop;

  with closed as (
    update public.approvals as a
    set decision = 'expired', decided_by = expire_approvals.actor_id, decided_at = moment
    from unnest(late_tenants, late_ids) as due (tenant_id, id)
    where a.tenant_id = due.tenant_id and a.envelope_id = due.id and a.decision is null and a.expires_at <= moment
    returning a.tenant_id, a.envelope_id
  ), expired as (
    update public.outbox as o
    set status = 'expired', updated_at = moment
    from closed as c
    where o.tenant_id = c.tenant_id and o.id = c.envelope_id and o.status = 'awaiting_approval'
    returning o.*
  )
  select
    array_agg(e.tenant_id order by e.tenant_id, e.id),
    array_agg(app_private.envelope_event(
      e.id, e.external_id, e.tool_slug, jsonb_build_object(
        'status', 'expired', 'reason',
        case when e.must_run_before <= moment then 'its deadline has passed' else 'nobody decided in time' end
      )
    ) order by e.tenant_id, e.id),
    array_agg(e.tenant_id) filter (where e.ordering_key is not null),
    array_agg(e.ordering_key) filter (where e.ordering_key is not null)
  into audited_tenants, payloads, freed_tenants, freed_keys
  from expired as e;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
    perform app_private.notify_workers();
  end if;
  if audited_tenants is not null then
    perform app_private.append_audit(
      audited_tenants, expire_approvals.actor_type, expire_approvals.actor_id,
      array_fill('envelope.expired'::text, array[cardinality(audited_tenants)]),
      app_private.add_door(payloads, expire_approvals.door), moment
    );
  end if;
  return coalesce(cardinality(audited_tenants), 0);
end
$$;
revoke all on function worker_api.expire_approvals from public;
grant execute on function worker_api.expire_approvals to service_role, app_rw;
