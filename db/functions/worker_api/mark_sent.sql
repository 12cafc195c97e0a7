-- Mark calls as sent. A worker does this before it sends calls to tools that do not honour the idempotency key: if the
-- worker dies, the next one knows which calls may have been sent. `calls` is a list of {tenant_id, lane, token,
-- envelope_id}.
-- Returns {may_go, busy}, each a list of [tenant_id, envelope_id]. The lane of a call in `busy` is locked by another
-- transaction: try again. A call in neither list has lost its lease. Never waits for a lock.
-- call: repeatable, columns 3 deep
create or replace function worker_api.mark_sent(worker_id text, calls jsonb)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  may_go jsonb;
  free_tenants uuid[];
  free_lanes smallint[];
  duplicate_tenants uuid[];
  duplicate_ids uuid[];
begin
  perform app_private.check_texts('worker_id', mark_sent.worker_id);
  -- If `calls` has the same envelope under two leases, one of the leases is lost. The result has no tokens, so it
  -- cannot say which lease may go; the envelope is in `busy`.
  select array_agg(two.tenant_id), array_agg(two.id) into duplicate_tenants, duplicate_ids
  from (
    select c.tenant_id, c.envelope_id as id
    from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint, token bigint, envelope_id uuid)
    group by 1, 2
    having count(distinct (c.lane, c.token)) > 1
  ) as two;

  select array_agg(free.tenant_id), array_agg(free.lane) into free_tenants, free_lanes
  from (
    select l.tenant_id, l.lane from app_private.lanes as l
    where (l.tenant_id, l.lane) in (
      select c.tenant_id, c.lane from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint)
    )
    order by l.tenant_id, l.lane
    for update skip locked
  ) as free;

  with held as (
    select l.tenant_id, l.lane, array_agg(c.envelope_id) as ids
    from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint, token bigint, envelope_id uuid)
    join unnest(free_tenants, free_lanes) as free (tenant_id, lane) using (tenant_id, lane)
    join app_private.lanes as l using (tenant_id, lane)
    where l.worker_id = mark_sent.worker_id
      and (c.tenant_id, c.envelope_id) not in (select * from unnest(duplicate_tenants, duplicate_ids))
      and (c.envelope_id, c.token) in (select held.id, held.token from unnest(l.in_flight, l.tokens) as held (id, token))
    group by 1, 2
  ), marked as (
    update app_private.lanes as l
    set sent = array(select unnest(l.sent) union select unnest(h.ids))
    from held as h
    where l.tenant_id = h.tenant_id and l.lane = h.lane
    returning h.tenant_id, h.ids
  )
  select jsonb_agg(jsonb_build_array(m.tenant_id, marked.id)) into may_go
  from marked as m
  cross join lateral unnest(m.ids) as marked (id);

  return jsonb_build_object('may_go', coalesce(may_go, '[]'), 'busy', (
    select coalesce(jsonb_agg(distinct jsonb_build_array(c.tenant_id, c.envelope_id)), '[]')
    from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint, envelope_id uuid)
    join app_private.lanes as l using (tenant_id, lane)
    where (c.tenant_id, c.lane) not in (select * from unnest(free_tenants, free_lanes))
      or (c.tenant_id, c.envelope_id) in (select * from unnest(duplicate_tenants, duplicate_ids))
  ));
end
$$;
revoke all on function worker_api.mark_sent from public;
grant execute on function worker_api.mark_sent to service_role, app_rw, outbox_worker;
