-- Lease due lanes to a worker and return their due envelopes, fairly across tenants. No two workers get the same
-- envelope. If an answer was lost, send the same `claim_id` again: the answer is the same while the leases last.
-- The result is a list of {tenant_id, lane, token, lost, paused_at, policy_stamp, tool_stamps, envelopes, proposed_by}.
-- If `lost` is true, an earlier lease of the lane has expired, and its envelopes may have been executed. Lanes with
-- `lost` are returned in addition to the at most `max_envelopes` envelopes of all other lanes. An envelope is
--   [id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context, metadata,
--    attempts, next_run_at, last_error, verdicts, result, approved_digest, created_at, updated_at, must_run_before,
--    sent].
-- Of tenants in `except_tenants`, only lanes with an expired lease are returned.
-- call: repeatable, columns 4 deep
create or replace function worker_api.claim(
  worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid default null,
  as_of timestamptz default null, except_tenants uuid[] default null
)
returns json
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  moment timestamptz := coalesce(as_of, now());
  skipped_tenants uuid[] := except_tenants;
  remaining integer := max_envelopes;
  share integer;
  lane app_private.lanes;
  picked uuid[];
  -- First come the lanes whose lease has expired, whichever worker held it. This worker takes them over and gets only
  -- the envelopes that were in flight there, which it settles as lost attempts.
  lost cursor for
    select * from app_private.lanes as l
    where l.ready_at <= moment and l.worker_id is not null and (claim.tenant is null or l.tenant_id = claim.tenant)
      and not exists (   -- the worker renewed this lease while another transaction had locked the lane
        select from app_private.renewals as r where r.worker_id = l.worker_id and r.until > moment
      )
    order by l.ready_at, l.tenant_id, l.lane
    limit max_envelopes
    for update of l skip locked;
  -- Then come the free lanes, in the order in which they became ready. A released lane goes to the back, so a tenant with
  -- a million envelopes delays the first envelope of another tenant by at most one round.
  due cursor for
    select * from app_private.lanes as l
    where l.ready_at <= moment and l.worker_id is null and (claim.tenant is null or l.tenant_id = claim.tenant)
      and l.tenant_id <> all (skipped_tenants)
    order by l.ready_at, l.tenant_id, l.lane
    for update skip locked;
  -- If the limit is not reached, lanes that this worker already holds come last.
  mine cursor for
    select * from app_private.lanes as l
    where l.worker_id = claim.worker_id and l.claim_id is distinct from claim.claim_id
      and l.ready_at > moment and (claim.tenant is null or l.tenant_id = claim.tenant)
      and l.tenant_id <> all (skipped_tenants)
    order by l.ready_at, l.tenant_id, l.lane
    for update skip locked;
begin
  perform app_private.check_texts('worker_id', claim.worker_id);
  -- The commit does not wait for the disk, which is most of the delay before a call. If the database crashes and loses
  -- the claim, its token is never given again, so nothing is marked as sent or settled under it.
  perform set_config('synchronous_commit', 'off', true);
  perform pg_advisory_xact_lock(hashtextextended(claim_id::text, 0));   -- the same call may still be running
  if not exists (
    select from app_private.lanes as l
    where l.worker_id = claim.worker_id and l.claim_id = claim.claim_id and l.ready_at > moment
  ) then
    if exists (select from app_private.lanes as l where l.set_at > moment + interval '1 minute')
      or exists (select from app_private.renewals as r where r.set_at > moment + interval '1 minute') then
      perform app_private.adjust_to_clock(moment);
    end if;
    -- Workers of version 0.1.0 do not pass except_tenants, and do not know approval rules and partial pauses. Newer
    -- workers execute the calls of tenants that use these.
    if except_tenants is null then
      skipped_tenants := array(
        select g.tenant_id from public.guardrails as g where g.approval_rules <> '{}'
        union
        select p.tenant_id from public.pauses as p where p.ends_at is null or p.ends_at > moment
      );
    end if;
    -- The cursor locks a lane, and the next statement reads its envelopes: its snapshot includes everything that the
    -- lane's former owners have committed.
    open lost;
    loop
      fetch lost into lane;
      exit when not found;
      select array_agg(e.id order by e.next_run_at, e.id) into picked
      from app_private.open_envelopes as e
      where e.tenant_id = lane.tenant_id and e.id = any (lane.in_flight) and e.status = 'pending';
      perform app_private.lease_lane(lane, picked, worker_id, claim_id, moment, lease_for);
    end loop;
    close lost;

    -- The limit is divided among a third of the due lanes, but among at least eight. So some lanes are left for the next
    -- claim and for other workers. If a lane has fewer due envelopes than its share, the rest goes to the lanes after it.
    select ceil(max_envelopes / greatest(least(count(*), 8), ceil(count(*) / 3.0), 1)) into share
    from (
      select from app_private.lanes as l
      where l.ready_at <= moment and l.worker_id is null and (claim.tenant is null or l.tenant_id = claim.tenant)
        and l.tenant_id <> all (skipped_tenants)
      limit max_envelopes
    ) as waiting;
    open due;
    loop
      exit when remaining <= 0;
      fetch due into lane;
      exit when not found;
      picked := app_private.due_in_lane(lane.tenant_id, lane.lane, '{}', moment, least(share, remaining));
      remaining := remaining - coalesce(cardinality(picked), 0);
      perform app_private.lease_lane(lane, picked, worker_id, claim_id, moment, lease_for);
    end loop;
    close due;

    open mine;
    loop
      exit when remaining <= 0;
      fetch mine into lane;
      exit when not found;
      picked := app_private.due_in_lane(lane.tenant_id, lane.lane, lane.in_flight, moment, remaining);
      continue when picked is null;
      remaining := remaining - cardinality(picked);
      perform app_private.lease_lane(lane, picked, worker_id, claim_id, moment, lease_for);
    end loop;
    close mine;
  end if;

  return (
    select coalesce(json_agg(json_build_object(
      'tenant_id', l.tenant_id, 'lane', l.lane, 'token', l.token, 'lost', l.lost,
      'paused_at', (   -- when the tenant, or a part of its calls, was last paused: see worker/policies.py
        select greatest(
          case when t.pause_ends_at is null or t.pause_ends_at > moment then t.paused_at end,
          (select max(p.changed_at) from public.pauses as p where p.tenant_id = t.id)
        )
        from public.tenants as t where t.id = l.tenant_id
      ),
      -- a stamp tells the worker whether the policy, or the tool, that it has read is still valid
      'policy_stamp', app_private.policy_stamp(l.tenant_id),
      'tool_stamps', (
        select json_object_agg(slug, app_private.tool_stamp(l.tenant_id, slug)) from unnest(leased.tool_slugs) as slug
      ),
      'envelopes', leased.envelopes, 'proposed_by', leased.proposers
    ) order by l.tenant_id, l.lane), '[]')
    from app_private.lanes as l
    cross join lateral (
      select
        array_agg(distinct o.tool_slug) as tool_slugs,
        json_agg(json_build_array(   -- version 0.1.0 reads exactly these values; new values are lists beside `envelopes`
          -- A document that bypassed the checks may be too large for an answer. Then it is null, and the worker holds
          -- the envelope as unreadable.
          o.id, o.tool_slug, o.tool_version, case when pg_column_size(o.arguments) < 1048576 then o.arguments end,
          o.connected_account_id, o.risk, o.external_id,
          case when pg_column_size(o.trust_context) < 1048576 then o.trust_context end,
          case when pg_column_size(o.metadata) < 1048576 then o.metadata end, o.attempts, o.next_run_at, o.last_error,
          coalesce(s.verdicts, o.verdicts), o.result, o.approved_digest,
          o.created_at, o.updated_at, o.must_run_before, l.lost and o.id = any (l.sent)
        ) order by held.position) as envelopes,
        json_agg(o.proposed_by order by held.position) as proposers
      from unnest(l.in_flight, l.tokens) with ordinality as held (id, token, position)
      cross join lateral (   -- one look-up per envelope: the planner misjudges how many envelopes a tenant has
        select * from public.outbox as envelope_row
        where envelope_row.tenant_id = l.tenant_id and envelope_row.id = held.id offset 0
      ) as o
      left join public.verdict_sets as s on s.tenant_id = o.tenant_id and s.id = o.verdict_set
      where held.token = l.token
    ) as leased
    where l.worker_id = claim.worker_id and l.claim_id = claim.claim_id and l.ready_at > moment
  );
end
$$;
revoke all on function worker_api.claim from public;
grant execute on function worker_api.claim to service_role, app_rw, outbox_worker;
