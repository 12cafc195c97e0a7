-- Settle attempts in one transaction: store the new state of each envelope, append its audit row, and free the lanes
-- that have nothing in flight. The n-th elements of the arrays are one settlement: its lease (`tenants`, `lanes`,
-- `tokens`), the envelope, a disposition (`outcomes`), the tool's result, details, and `said`, the index of its
-- verdicts in `verdict_sets`, from 0.
-- Returns {refused, busy}, each a list of [tenant_id, envelope_id]. These settlements changed nothing; all others are
-- stored. `refused`: the envelope is not in flight under this token. `busy`: another transaction has locked the lane or
-- the chain head, so send the settlement again. A stored settlement that is sent again is not refused.
-- call: repeatable, columns 3 deep
create or replace function worker_api.settle(
  worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[],
  results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '100ms' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  all_envelopes constant uuid[] := envelopes;
  all_tenants constant uuid[] := tenants;
  all_tokens constant bigint[] := tokens;
  free_tenants uuid[];
  free_lanes smallint[];
  touched_lane_count bigint;
  free_heads uuid[];
  busy_positions bigint[] := '{}';
  answers jsonb[];
  set_ids uuid[];
  accepted bigint[];
  audited_tenants uuid[];
  categories text[];
  payloads jsonb[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  perform app_private.check_texts('worker_id', settle.worker_id);
  -- Locked lanes and heads are skipped and answered as busy, so no tenant waits for the locks of another. A row that only
  -- other programs lock is waited for: after 100 ms the call fails (55P03), and the worker settles each tenant separately.
  with touched_lanes as materialized (
    select distinct s.tenant_id, s.lane from unnest(tenants, lanes) as s (tenant_id, lane)
  ), free as (   -- locked in the same order as in claim: lanes before all other rows
    select l.tenant_id, l.lane from app_private.lanes as l
    where (l.tenant_id, l.lane) in (select w.tenant_id, w.lane from touched_lanes as w)
    order by l.tenant_id, l.lane
    for update skip locked
  )
  select array_agg(f.tenant_id), array_agg(f.lane), (select count(*) from touched_lanes)
  into free_tenants, free_lanes, touched_lane_count
  from free as f;
  select array_agg(free.tenant_id) into free_heads
  from (
    select h.tenant_id from app_private.audit_heads as h
    where h.tenant_id = any (free_tenants)
    order by h.tenant_id
    for update skip locked
  ) as free;
  if coalesce(cardinality(free_tenants), 0) < touched_lane_count
    or coalesce(cardinality(free_heads), 0) < (select count(distinct t.id) from unnest(free_tenants) as t (id)) then
    select coalesce(array_agg(s.position), '{}') into busy_positions
    from unnest(tenants, lanes) with ordinality as s (tenant_id, lane, position)
    join app_private.lanes as l using (tenant_id, lane)   -- a missing lane or head is not locked
    left join app_private.audit_heads as h using (tenant_id)
    where (s.tenant_id, s.lane) not in (select * from unnest(free_tenants, free_lanes))
      or h.tenant_id is not null and h.tenant_id not in (select * from unnest(free_heads));
  end if;

  select array_agg(nullif(r.answer, 'null') order by r.position) into answers
  from jsonb_array_elements(results) with ordinality as r (answer, position);

  select array_agg(first.position order by first.position) into accepted
  from (   -- of two settlements of one envelope, the first counts
    select distinct on (s.tenant_id, s.id) s.position
    from unnest(tenants, lanes, tokens, envelopes) with ordinality as s (tenant_id, lane, token, id, position)
    cross join lateral (   -- one look-up per settlement: the planner would scan all leased lanes for each
      select * from app_private.lanes as held where held.tenant_id = s.tenant_id and held.lane = s.lane offset 0
    ) as l
    where l.worker_id = settle.worker_id and l.tokens[array_position(l.in_flight, s.id)] = s.token
      and s.position <> all (busy_positions)
    order by s.tenant_id, s.id, s.position
  ) as first;

  if accepted is null then
    return app_private.list_unsettled(all_tenants, all_tokens, all_envelopes, '{}', busy_positions);
  elsif cardinality(accepted) < cardinality(envelopes) then
    select
      array_agg(s.tenant_id order by s.position), array_agg(s.lane order by s.position),
      array_agg(s.token order by s.position), array_agg(s.id order by s.position),
      array_agg(s.outcome order by s.position), array_agg(s.result order by s.position),
      array_agg(s.detail order by s.position), array_agg(s.said order by s.position)
    into tenants, lanes, tokens, envelopes, outcomes, answers, details, said
    from unnest(tenants, lanes, tokens, envelopes, outcomes, answers, details, said) with ordinality
      as s (tenant_id, lane, token, id, outcome, result, detail, said, position)
    where s.position = any (accepted);
  end if;

  -- The ids of shared sets of verdicts. Null if a guardrail stopped the envelope: such verdicts are stored in its row.
  select array_agg(
    case when not jsonb_path_exists(v.verdicts, '$[*] ? (@.decision != "allow")')
      then encode(substr(sha256(convert_to(v.verdicts::text, 'UTF8')), 1, 16), 'hex')::uuid
    end order by v.position
  )
  into set_ids
  from jsonb_array_elements(verdict_sets) with ordinality as v (verdicts, position);
  insert into public.verdict_sets (tenant_id, id, verdicts)
  select s.tenant_id, set_ids[s.said + 1], verdict_sets -> s.said
  from (
    select distinct g.tenant_id, g.said from unnest(tenants, said) as g (tenant_id, said)
  ) as s
  where set_ids[s.said + 1] is not null
  order by s.tenant_id, s.said
  on conflict do nothing;

  -- An outcome is one of these dispositions. With "+1", `attempts` grows by one.
  --   success | conflict | unknown   the attempt ended so; +1
  --   retry                          pending again at next_run_at; +1
  --   hold                           pending again at next_run_at, because the call never left
  --   awaiting_approval              a person decides until expires_at about the call with this digest
  --   expired                        the deadline passed before the call
  --   failed                         to the dead-letter queue; +1
  --   denied                         to the dead-letter queue
  --   release                        unchanged, because the call never left
  -- `details` is null or {error, reason, next_run_at, digest, expires_at, repeat, doubtful}. `repeat`: a hold whose reason
  -- is in the audit log already. `doubtful`: a failed call whose effect may have happened. `digest`: the digest of
  -- the call, if a person has decided or has to decide about the call. If `said` is null, the envelope keeps its verdicts.
  with settlements as (
    select
      s.*, set_ids[s.said + 1] as verdict_set,
      case when set_ids[s.said + 1] is null or s.outcome in ('failed', 'denied') then verdict_sets -> s.said end as verdicts
    from unnest(tenants, tokens, envelopes, outcomes, answers, details, said) with ordinality
      as s (tenant_id, token, id, outcome, result, detail, said, position)
  ), moved as (
    delete from public.outbox as o
    using settlements as s
    where o.tenant_id = s.tenant_id and o.id = s.id and s.outcome in ('failed', 'denied')
    returning o.*, s.outcome as new_status, coalesce(s.detail ->> 'error', s.detail ->> 'reason', s.outcome) as error,
      worker_api.verdicts_of(o) as old_verdicts, s.verdicts as new_verdicts,
      coalesce((s.detail ->> 'doubtful')::boolean, false) as doubtful, s.token, s.position, s.result as answer, s.detail
  ), dead_letters as (
    insert into public.outbox_dlq (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, status, attempts, last_error, lane, verdicts, doubtful, settled_token, must_run_before, proposed_by,
      proposed_arguments, objective_id, created_at, moved_at
    )
    select
      m.id, m.tenant_id, m.tool_slug, m.tool_version, m.arguments, m.connected_account_id, m.risk, m.external_id,
      m.trust_context, m.metadata, m.new_status, m.attempts + (m.new_status = 'failed')::integer, m.error, m.lane,
      coalesce(m.new_verdicts, m.old_verdicts), m.doubtful, m.token, m.must_run_before,
      m.proposed_by, m.proposed_arguments, m.objective_id, m.created_at, moment
    from moved as m
    returning tenant_id, id, attempts
  ), updated as (
    update public.outbox as o
    set
      status = case when s.outcome in ('retry', 'hold') then 'pending' else s.outcome end,
      attempts = o.attempts + (s.outcome in ('success', 'conflict', 'unknown', 'retry'))::integer,
      next_run_at = coalesce((s.detail ->> 'next_run_at')::timestamptz, o.next_run_at),
      last_error = case when s.outcome = 'success' then null else coalesce(s.detail ->> 'error', o.last_error) end,
      verdicts = case when s.said is null then o.verdicts when s.verdict_set is null then s.verdicts else '[]' end,
      verdict_set = case when s.said is null then o.verdict_set else s.verdict_set end,
      result = coalesce(s.result, o.result),
      settled_token = s.token,
      updated_at = moment
    from settlements as s
    where o.tenant_id = s.tenant_id and o.id = s.id and s.outcome not in ('failed', 'denied', 'release')
    returning o.tenant_id, o.id, o.external_id, o.tool_slug, o.attempts, o.ordering_key, s.position, s.outcome, s.result,
      s.detail
  ), released as (
    update public.outbox as o set settled_token = s.token
    from settlements as s
    where o.tenant_id = s.tenant_id and o.id = s.id and s.outcome = 'release'
  ), ended as (
    select * from updated
    union all
    select m.tenant_id, m.id, m.external_id, m.tool_slug, d.attempts, m.ordering_key, m.position, m.new_status, m.answer,
      m.detail
    from moved as m
    join dead_letters as d using (tenant_id, id)
  ), audit_rows as (
    select
      e.tenant_id, e.ordering_key, e.position, 'envelope.' || e.outcome as category,
      e.outcome = 'hold' and (e.detail ->> 'repeat')::boolean is true as repeated,
      case
        when e.detail is null and e.result is not null then jsonb_build_object(
          'envelope_id', e.id, 'external_id', e.external_id, 'tool_slug', e.tool_slug, 'attempts', e.attempts,
          'result_sha256', encode(sha256(convert_to(e.result::text, 'UTF8')), 'hex')
        )
        else app_private.envelope_event(e.id, e.external_id, e.tool_slug, jsonb_build_object(
          'attempts', e.attempts,
          'error', e.detail ->> 'error',
          'reason', e.detail ->> 'reason',
          'digest', e.detail ->> 'digest',
          'next_run_at', case when e.outcome in ('retry', 'hold') then (e.detail ->> 'next_run_at')::timestamptz end,
          'result_sha256', encode(sha256(convert_to(e.result::text, 'UTF8')), 'hex')
        ))
      end as payload
    from ended as e
  )
  select
    array_agg(t.tenant_id order by t.position) filter (where not t.repeated),
    array_agg(t.category order by t.position) filter (where not t.repeated),
    array_agg(t.payload order by t.position) filter (where not t.repeated),
    array_agg(t.tenant_id) filter (where t.ordering_key is not null),
    array_agg(t.ordering_key) filter (where t.ordering_key is not null)
  into audited_tenants, categories, payloads, freed_tenants, freed_keys
  from audit_rows as t;

  if outcomes && array['awaiting_approval'] then
    insert into public.approvals (
      tenant_id, envelope_id, tool_slug, risk, proposed_by, digest, reason, requested_at, expires_at
    )
    select s.tenant_id, s.id, o.tool_slug, o.risk, o.proposed_by, s.detail ->> 'digest', s.detail ->> 'reason', moment,
      (s.detail ->> 'expires_at')::timestamptz
    from unnest(tenants, envelopes, outcomes, details) as s (tenant_id, id, outcome, detail)
    join public.outbox as o on o.tenant_id = s.tenant_id and o.id = s.id
    where s.outcome = 'awaiting_approval';
  end if;

  update app_private.lanes as l
  set
    in_flight = left_over.ids,
    tokens = left_over.tokens,
    sent = array(select unnest(l.sent) intersect select unnest(left_over.ids)),
    worker_id = case when left_over.ids <> '{}' then l.worker_id end,
    set_at = case when left_over.ids <> '{}' then l.set_at else moment end,
    ready_at = case
      when left_over.ids <> '{}' then l.ready_at
      -- the freed lane goes to the back of the queue; null if nothing in it is pending
      else (select greatest(due.at, moment) from app_private.lane_ready_at(l.tenant_id, l.lane, moment) as due (at)
            where due.at is not null)
    end
  from (
    select c.tenant_id, c.lane, remaining.ids, remaining.tokens
    from (
      select s.tenant_id, s.lane, array_agg(s.id) as ids
      from unnest(tenants, lanes, envelopes) as s (tenant_id, lane, id)
      group by 1, 2
    ) as touched
    join app_private.lanes as c using (tenant_id, lane)
    cross join lateral (
      select coalesce(array_agg(held.id), '{}') as ids, coalesce(array_agg(held.token), '{}') as tokens
      from unnest(c.in_flight, c.tokens) as held (id, token)
      where held.id <> all (touched.ids)
    ) as remaining
  ) as left_over
  where l.tenant_id = left_over.tenant_id and l.lane = left_over.lane;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
  end if;
  if audited_tenants is not null then
    perform app_private.append_audit(audited_tenants, 'worker', worker_id, categories, payloads, moment);
  end if;

  if cardinality(accepted) = cardinality(all_envelopes) then
    return '{"refused": [], "busy": []}';
  end if;
  return app_private.list_unsettled(all_tenants, all_tokens, all_envelopes, accepted, busy_positions);
end
$$;
revoke all on function worker_api.settle from public;
grant execute on function worker_api.settle to service_role, app_rw, outbox_worker;
