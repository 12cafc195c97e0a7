-- Close attempts: write what became of each envelope, its audit row, and free the lanes that have nothing in flight
-- left, all in one transaction. A settlement under a stale token, or for an envelope that is not in flight under it, is
-- refused and changes nothing; the others stand. Returns the ids of the
-- refused. One that was settled under this very token already
-- is not among them: the answer was lost, and the settlement sent again.
--
-- A settlement is {tenant_id, lane, token, envelope_id, to, …}; `to` says where the envelope goes:
--   success | conflict | unknown   the attempt ended so; counts
--   retry                          pending again at next_run_at; counts
--   hold                           pending again at next_run_at, the call never left; does not count
--   awaiting_approval              a person decides until expires_at, about exactly the call with this digest
--   failed | denied                to the dead-letter queue; failed counts
--   release                        back as it was, the call never left
-- With it go `error`, `result`, `verdicts`, `reason`, `repeat` for a hold whose reason is on record already, and `doubtful`
-- for a failed call whose effect may have happened all the same.
create or replace function worker_api.settle(worker_id text, settlements jsonb, as_of timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  moment timestamptz := coalesce(as_of, now());
  given app_private.settlement[];
  accepted app_private.settlement[];
  entries app_private.audit_entry[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  select array_agg(s) into given
  from jsonb_populate_recordset(null::app_private.settlement, settlements) as s;

  perform from app_private.lanes as l   -- as in claim: locks first, and in one order
  where (l.tenant_id, l.lane) in (select s.tenant_id, s.lane from unnest(given) as s)
  order by l.tenant_id, l.lane
  for update;

  select array_agg(first.settlement order by first.position) into accepted
  from (   -- the same envelope twice: the first counts
    select distinct on ((g.settlement).envelope_id) g.settlement, g.position
    from (select s as settlement, row_number() over () as position from unnest(given) as s) as g
    join (
      select l.tenant_id, l.lane, held.id, held.token
      from app_private.lanes as l
      cross join lateral unnest(l.in_flight, l.tokens) as held (id, token)
      where l.worker_id = settle.worker_id
        and (l.tenant_id, l.lane) in (select s.tenant_id, s.lane from unnest(given) as s)
    ) as h
      on h.tenant_id = (g.settlement).tenant_id
      and h.lane = (g.settlement).lane
      and h.id = (g.settlement).envelope_id
      and h.token = (g.settlement).token
    order by (g.settlement).envelope_id, g.position
  ) as first;

  with moved as (
    delete from public.outbox as o
    using unnest(accepted) as s
    where o.id = s.envelope_id and s."to" in ('failed', 'denied')
    returning o.*, s."to" as became, coalesce(s.error, s.reason, s."to") as why, s.verdicts as said,
      coalesce(s.doubtful, false) as doubtful, s.token as under
  ), buried as (
    insert into public.outbox_dlq (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, status, attempts, last_error, lane, verdicts, doubtful, settled_token, created_at, moved_at
    )
    select
      m.id, m.tenant_id, m.tool_slug, m.tool_version, m.arguments, m.connected_account_id, m.risk, m.external_id,
      m.trust_context, m.metadata, m.became, m.attempts + (m.became = 'failed')::integer, m.why, m.lane,
      coalesce(m.said, m.verdicts), m.doubtful, m.under, m.created_at, moment
    from moved as m
    returning id, tenant_id, tool_slug, external_id, attempts, metadata ->> 'ordering_key' as ordering_key
  ), written as (
    update public.outbox as o
    set
      status = case when s."to" in ('retry', 'hold') then 'pending' else s."to" end,
      attempts = o.attempts + (s."to" in ('success', 'conflict', 'unknown', 'retry'))::integer,
      next_run_at = coalesce(s.next_run_at, o.next_run_at),
      last_error = case when s."to" = 'success' then null else coalesce(s.error, o.last_error) end,
      verdicts = coalesce(s.verdicts, o.verdicts),
      result = coalesce(s.result, o.result),
      settled_token = s.token,
      updated_at = moment
    from unnest(accepted) as s
    where o.id = s.envelope_id and s."to" not in ('failed', 'denied', 'release')
    returning o.id, o.tenant_id, o.tool_slug, o.external_id, o.attempts, o.ordering_key
  ), given_back as (
    update public.outbox as o set settled_token = s.token
    from unnest(accepted) as s
    where o.id = s.envelope_id and s."to" = 'release'
  ), ended as (
    select w.* from written as w
    union all
    select b.* from buried as b
  )
  select
    array_agg(app_private.envelope_entry(
      e.tenant_id, 'worker', settle.worker_id, s."to", e.id, e.external_id, e.tool_slug,
      jsonb_build_object(
        'attempts', e.attempts,
        'error', s.error,
        'reason', s.reason,
        'next_run_at', case when s."to" in ('retry', 'hold') then s.next_run_at end,
        'result_sha256', encode(sha256(convert_to(s.result::text, 'UTF8')), 'hex')
      )
    ) order by s.position) filter (where s."to" <> 'hold' or s.repeat is not true),
    array_agg(e.tenant_id) filter (where e.ordering_key is not null),
    array_agg(e.ordering_key) filter (where e.ordering_key is not null)
  into entries, freed_tenants, freed_keys
  from ended as e
  join (select u.*, row_number() over () as position from unnest(accepted) as u) as s on s.envelope_id = e.id;

  insert into public.approvals (tenant_id, envelope_id, digest, reason, requested_at, expires_at)
  select s.tenant_id, s.envelope_id, s.digest, s.reason, moment, s.expires_at
  from unnest(accepted) as s
  where s."to" = 'awaiting_approval';

  update app_private.lanes as l
  set
    in_flight = left_over.ids,
    tokens = left_over.tokens,
    sent = array(select unnest(l.sent) intersect select unnest(left_over.ids)),
    worker_id = case when left_over.ids <> '{}' then l.worker_id end,
    ready_at = case
      when left_over.ids <> '{}' then l.ready_at
      -- The back of the queue; nothing due stays nothing.
      else (select greatest(due.at, moment) from app_private.lane_ready_at(l.tenant_id, l.lane, moment) as due (at)
            where due.at is not null)
    end
  from (
    select c.tenant_id, c.lane, kept.ids, kept.tokens
    from (select distinct s.tenant_id, s.lane from unnest(accepted) as s) as touched
    join app_private.lanes as c using (tenant_id, lane)
    cross join lateral (
      select coalesce(array_agg(held.id), '{}') as ids, coalesce(array_agg(held.token), '{}') as tokens
      from unnest(c.in_flight, c.tokens) as held (id, token)
      where held.id not in (select s.envelope_id from unnest(accepted) as s)
    ) as kept
  ) as left_over
  where l.tenant_id = left_over.tenant_id and l.lane = left_over.lane;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
  end if;
  if entries is not null then   -- last, to hold the chain heads no longer than need be
    perform app_private.append_audit(entries, moment);
  end if;

  return (
    select coalesce(jsonb_agg(distinct s.envelope_id), '[]')
    from unnest(given) as s
    where s.envelope_id not in (select a.envelope_id from unnest(accepted) as a)
      and not exists (
        select from public.outbox as o
        where (o.id, o.tenant_id, o.lane, o.settled_token) = (s.envelope_id, s.tenant_id, s.lane, s.token)
      )
      and not exists (
        select from public.outbox_dlq as d
        where (d.id, d.tenant_id, d.lane, d.settled_token) = (s.envelope_id, s.tenant_id, s.lane, s.token)
      )
  );
end
$$;
revoke all on function worker_api.settle from public;
grant execute on function worker_api.settle to service_role, app_rw, outbox_worker;
