-- Lease due lanes to a worker and return their due envelopes, fairly over tenants; no two workers get the same one.
--
-- Lanes are served in the order in which they became ready; a served lane goes to the back when it is released, so a
-- tenant with a million envelopes delays another's first by one round at most. The limit is shared out over the lanes
-- that are due; a lane this worker holds already is topped up from what they leave over. Every claim has a token of its
-- own, so that a settlement sent twice never closes a later claim's attempt.
--
-- A lane whose lease ran out, in whoever's hands, is taken over and returns only what was in flight there,
-- marked `lost`: it may have been executed (`sent` says that it was marked as sent). The taker settles those by the rule
-- for unanswered calls before the lane moves on.
--
-- Returns [{token, lost, sent, envelope}]. The same `claim_id` sent again, because the answer was lost, gets the same answer, as long as those leases hold.
create or replace function worker_api.claim(
  worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  moment timestamptz := coalesce(as_of, now());
  taken app_private.lanes[];
  share integer;
  answer jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended(claim_id::text, 0));   -- its first sending may still be at work
  select jsonb_agg(jsonb_build_object(
    'token', l.token, 'lost', l.lost, 'sent', l.lost and held.id = any (l.sent), 'envelope', to_jsonb(o)
  ) order by l.tenant_id, l.lane, o.next_run_at, o.id)
  into answer
  from app_private.lanes as l
  cross join lateral unnest(l.in_flight, l.tokens) as held (id, token)
  join public.outbox as o on o.id = held.id
  where l.worker_id = claim.worker_id
    and l.claim_id = claim.claim_id
    and l.ready_at > moment
    and held.token = l.token;
  if answer is not null then
    return answer;
  end if;

  -- Locks first, in a statement of its own: what is pending is read by the next one, in a snapshot that sees everything
  -- the lanes' former owners have committed.
  select array_agg(l order by l.ready_at) into taken
  from (
    select free.*
    from app_private.lanes as free
    where (free.ready_at <= moment or free.worker_id = claim.worker_id)
      and (claim.tenant is null or free.tenant_id = claim.tenant)
    order by free.ready_at, free.tenant_id, free.lane
    limit max_envelopes
    for update skip locked
  ) as l;
  if taken is null then
    return '[]';
  end if;
  -- What this worker holds already is served last, from what the others leave over.
  share := ceil(max_envelopes::numeric / greatest(1, (
    select count(*) from unnest(taken) as l where l.worker_id is null or l.ready_at <= moment
  )));

  with lane as (
    select
      l.tenant_id, l.lane, l.ready_at, l.in_flight, l.sent,
      l.worker_id is not null and l.ready_at > moment as mine,
      l.worker_id is not null and l.ready_at <= moment as expired
    from unnest(taken) as l
  ), waiting as (
    select l.tenant_id, l.lane, l.ready_at, l.mine, l.expired, o.id, o.next_run_at, false as sent
    from lane as l
    cross join lateral (
      select due.id, due.next_run_at
      from public.outbox as due
      where due.tenant_id = l.tenant_id
        and due.lane = l.lane
        and due.status = 'pending'
        and due.next_run_at <= moment
        and due.id <> all (l.in_flight)
        and app_private.is_head(due.tenant_id, due.ordering_key, due.created_at, due.id)
      order by due.next_run_at, due.id
      limit share
    ) as o
    where not l.expired
  ), orphaned as (
    select l.tenant_id, l.lane, l.ready_at, l.mine, l.expired, o.id, o.next_run_at, o.id = any (l.sent) as sent
    from lane as l
    join public.outbox as o on o.id = any (l.in_flight) and o.status = 'pending'
    where l.expired
  ), picked as (
    select * from orphaned
    union all
    (select * from waiting order by waiting.ready_at, waiting.next_run_at, waiting.id limit max_envelopes)
  ), leased as (
    update app_private.lanes as l
    set
      worker_id = claim.worker_id,
      claim_id = claim.claim_id,
      lost = p.expired,
      token = l.token + 1,
      ready_at = moment + lease_for,
      in_flight = case when p.expired then p.ids else l.in_flight || p.ids end,
      tokens = case when p.expired then '{}' else l.tokens end || array_fill(l.token + 1, array[cardinality(p.ids)]),
      sent = case when p.expired then p.sent else l.sent end
    from (
      select
        picked.tenant_id, picked.lane, picked.expired, array_agg(picked.id) as ids,
        coalesce(array_agg(picked.id) filter (where picked.sent), '{}') as sent
      from picked
      group by 1, 2, 3
    ) as p
    where l.tenant_id = p.tenant_id and l.lane = p.lane
    returning l.tenant_id, l.lane, l.token
  ), emptied as (   -- due by their clock, with nothing to give: find out when to look again
    update app_private.lanes as l
    set worker_id = null, in_flight = '{}', tokens = '{}', sent = '{}',
        ready_at = app_private.lane_ready_at(l.tenant_id, l.lane, moment)
    from lane as e
    where l.tenant_id = e.tenant_id and l.lane = e.lane and not e.mine
      and not exists (select from waiting as w where w.tenant_id = l.tenant_id and w.lane = l.lane)
      and not exists (select from orphaned as p where p.tenant_id = l.tenant_id and p.lane = l.lane)
  )
  select jsonb_agg(
    jsonb_build_object('token', l.token, 'lost', p.expired, 'sent', p.sent, 'envelope', to_jsonb(o))
    order by p.ready_at, p.tenant_id, p.lane, p.next_run_at, p.id
  )
  into answer
  from picked as p
  join leased as l using (tenant_id, lane)
  join public.outbox as o on o.id = p.id;
  return coalesce(answer, '[]');
end
$$;
revoke all on function worker_api.claim from public;
grant execute on function worker_api.claim to service_role, app_rw, outbox_worker;
