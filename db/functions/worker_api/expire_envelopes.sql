-- Expire the envelopes whose deadline has passed while they wait for their turn, a retry or a person: at most 1000 per
-- call. Envelopes in flight are left to their workers. Returns how many expired.
-- call: repeatable
create or replace function worker_api.expire_envelopes(
  as_of timestamptz default null, actor_type text default 'system',
  actor_id text default 'clock', door text default null
)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  late_tenants uuid[];
  late_ids uuid[];
  audited_tenants uuid[];
  payloads jsonb[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  perform app_private.check_texts(
    'actor_type', expire_envelopes.actor_type, 'actor_id', expire_envelopes.actor_id, 'door', expire_envelopes.door
  );
  delete from app_private.deadlines as d   -- deadlines of envelopes that have ended
  where d.must_run_before <= moment and not exists (
    select from public.outbox as o
    where o.tenant_id = d.tenant_id and o.id = d.id and o.status in ('pending', 'awaiting_approval')
  );

  -- Never waits for a lock: envelopes whose lane or chain head is locked are left for the next call.
  select array_agg(free.tenant_id), array_agg(free.id) into late_tenants, late_ids
  from (
    select d.tenant_id, d.id
    from app_private.deadlines as d
    join public.outbox as o on o.tenant_id = d.tenant_id and o.id = d.id
    join app_private.lanes as l on l.tenant_id = o.tenant_id and l.lane = o.lane
    join app_private.audit_heads as h on h.tenant_id = d.tenant_id
    where d.must_run_before <= moment and d.id <> all (l.in_flight)
    order by d.must_run_before, d.tenant_id, d.id
    limit 1000
    for update of d, l, h skip locked
  ) as free;
  if late_ids is null then
    return 0;
  end if;

  with expired as (
    update public.outbox as o
    set status = 'expired', updated_at = moment
    from unnest(late_tenants, late_ids) as due (tenant_id, id)
    where o.tenant_id = due.tenant_id and o.id = due.id and o.status in ('pending', 'awaiting_approval')
    returning o.*
  ), closed as (
    update public.approvals as a
    set decision = 'expired', decided_by = expire_envelopes.actor_id, decided_at = moment
    from expired as e
    where a.tenant_id = e.tenant_id and a.envelope_id = e.id and a.decision is null
  ), removed as (
    delete from app_private.deadlines as d
    using unnest(late_tenants, late_ids) as due (tenant_id, id)
    where d.tenant_id = due.tenant_id and d.id = due.id
  )
  select
    array_agg(e.tenant_id order by e.tenant_id, e.id),
    array_agg(app_private.envelope_event(
      e.id, e.external_id, e.tool_slug, jsonb_build_object('status', 'expired', 'reason', 'its deadline has passed')
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
      audited_tenants, expire_envelopes.actor_type, expire_envelopes.actor_id,
      array_fill('envelope.expired'::text, array[cardinality(audited_tenants)]),
      app_private.add_door(payloads, expire_envelopes.door), moment
    );
  end if;
  return coalesce(cardinality(audited_tenants), 0);
end
$$;
revoke all on function worker_api.expire_envelopes from public;
grant execute on function worker_api.expire_envelopes to service_role, app_rw;
