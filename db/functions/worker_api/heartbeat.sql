-- Renew every lease that a worker holds. Returns the leases it still holds, as [{tenant_id, lane, token}]. If one is
-- missing, another worker has it. Never waits for a lock.
-- call: repeatable
create or replace function worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  held jsonb;
  some_are_locked boolean;
begin
  perform app_private.check_texts('worker_id', heartbeat.worker_id);
  with mine as (   -- locked in a fixed order, because this worker may settle at the same time
    select h.tenant_id, h.lane
    from app_private.lanes as h
    where h.worker_id = heartbeat.worker_id
    order by h.tenant_id, h.lane
    for update skip locked
  ), renewed as (
    update app_private.lanes as l
    set ready_at = moment + lease_for, set_at = moment
    from mine as m
    where l.tenant_id = m.tenant_id and l.lane = m.lane and l.worker_id = heartbeat.worker_id
    returning l.tenant_id, l.lane, l.tokens
  ), leased as (
    select r.tenant_id, r.lane, r.tokens, false as is_busy from renewed as r
    union all
    select b.tenant_id, b.lane, b.tokens, true
    from app_private.lanes as b
    where b.worker_id = heartbeat.worker_id and (b.tenant_id, b.lane) not in (select m.tenant_id, m.lane from mine as m)
  )
  select
    jsonb_agg(distinct jsonb_build_object('tenant_id', k.tenant_id, 'lane', k.lane, 'token', in_use.token)),
    bool_or(k.is_busy)
  into held, some_are_locked
  from leased as k
  cross join lateral unnest(k.tokens) as in_use (token);

  -- A locked lane cannot be claimed either, so its lease counts as held. The renewal tells the next claim about it.
  if some_are_locked then
    insert into app_private.renewals as r (worker_id, until, set_at)
    values (heartbeat.worker_id, moment + lease_for, moment)
    on conflict on constraint renewals_pkey do update set until = excluded.until, set_at = excluded.set_at;
  else
    delete from app_private.renewals as r
    using (
      select ended.worker_id from app_private.renewals as ended
      where ended.worker_id = heartbeat.worker_id or ended.until <= moment
      for update skip locked
    ) as ended_renewal
    where r.worker_id = ended_renewal.worker_id;
  end if;
  return coalesce(held, '[]');
end
$$;
revoke all on function worker_api.heartbeat from public;
grant execute on function worker_api.heartbeat to service_role, app_rw, outbox_worker;
