-- Record, before calls are sent, that grants allow them. Counts a use of each grant and appends an audit row for each
-- call. `calls` is a list of {tenant_id, lane, token, envelope_id, grant_id, digest}. Under one lease, a call counts
-- once.
-- Returns {may_go, busy}, each a list of [tenant_id, envelope_id]. The grant or chain head of a call in `busy` is
-- locked by another transaction: try again. A call in neither list must not be sent: its lease is lost, or its grant
-- does not allow it now. Never waits for a lock.
-- call: repeatable, columns 3 deep
create or replace function worker_api.use_grants(worker_id text, calls jsonb, as_of timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  free_grants uuid[];
  free_heads uuid[];
  may_go jsonb;
  busy jsonb;
  used_tenants uuid[];
  payloads jsonb[];
begin
  perform app_private.check_texts('worker_id', use_grants.worker_id);
  -- Locked in the same order as in revoke_grant: grants before chain heads. The id of a grant is a random UUID, so it
  -- names a grant of one tenant only.
  select array_agg(free.id) into free_grants
  from (
    select g.id from public.grants as g
    where (g.tenant_id, g.id) in (
      select c.tenant_id, c.grant_id from jsonb_to_recordset(calls) as c (tenant_id uuid, grant_id uuid)
    )
    order by g.tenant_id, g.id
    for no key update skip locked
  ) as free;
  select array_agg(free.tenant_id) into free_heads
  from (
    select h.tenant_id from app_private.audit_heads as h
    where h.tenant_id in (select c.tenant_id from jsonb_to_recordset(calls) as c (tenant_id uuid))
    order by h.tenant_id
    for update skip locked
  ) as free;

  with named as (
    select distinct on (c.tenant_id, c.envelope_id, c.lane, c.token) c.*
    from jsonb_to_recordset(calls)
      as c (tenant_id uuid, lane smallint, token bigint, envelope_id uuid, grant_id uuid, digest text)
    order by c.tenant_id, c.envelope_id, c.lane, c.token, c.grant_id
  ), asked as (
    -- If `calls` has one envelope under two leases, the answer for it is busy: one of the leases is lost, and the answer
    -- cannot say which, because it has no tokens.
    select n.*, count(*) over (partition by n.tenant_id, n.envelope_id) as leases from named as n
  ), covered as (
    select
      c.tenant_id, c.envelope_id, c.lane, c.token, c.grant_id, c.digest, g.issued_by, o.external_id, o.tool_slug,
      c.leases = 1 and coalesce(g.id = any (free_grants), false) and (h.tenant_id is null or coalesce(h.tenant_id = any (free_heads), false))
        as is_free
    from asked as c
    join app_private.lanes as l on l.tenant_id = c.tenant_id and l.lane = c.lane
    join public.outbox as o on o.tenant_id = c.tenant_id and o.id = c.envelope_id
    join public.grants as g on g.tenant_id = c.tenant_id and g.id = c.grant_id
    left join app_private.audit_heads as h on h.tenant_id = c.tenant_id   -- a missing head is not locked
    where l.worker_id = use_grants.worker_id and l.tokens[array_position(l.in_flight, c.envelope_id)] = c.token
      and g.revoked_at is null and g.expires_at > moment
      and not exists (   -- a grant replaces no approval that two people have to give
        select from public.guardrails as rules
        where rules.tenant_id = c.tenant_id and rules.approval_rules -> 'two_people' ? app_private.highest_risk(
          variadic array(   -- the tool may have become riskier since the proposal
            select t.risk from public.tool_catalog as t
            where t.tenant_id = o.tenant_id and t.tool_slug = o.tool_slug
              and case when o.tool_version is null then t.status <> 'retired' else t.version = o.tool_version end
          ) || o.risk
        )
      )
  ), used as (
    insert into public.grant_uses (tenant_id, envelope_id, lane, token, grant_id, used_at)
    select c.tenant_id, c.envelope_id, c.lane, c.token, c.grant_id, moment from covered as c where c.is_free
    on conflict do nothing
    returning tenant_id, envelope_id, grant_id
  ), counted as (
    update public.grants as g
    set use_count = g.use_count + u.uses, last_used_at = moment
    from (select tenant_id, grant_id, count(*) as uses from used group by 1, 2) as u
    where g.tenant_id = u.tenant_id and g.id = u.grant_id
  )
  select
    jsonb_agg(jsonb_build_array(c.tenant_id, c.envelope_id)) filter (where c.is_free),
    jsonb_agg(jsonb_build_array(c.tenant_id, c.envelope_id)) filter (where not c.is_free),
    array_agg(c.tenant_id order by c.tenant_id, c.envelope_id) filter (where u.grant_id is not null),
    array_agg(app_private.envelope_event(c.envelope_id, c.external_id, c.tool_slug, jsonb_build_object(
      'grant_id', c.grant_id, 'issued_by', c.issued_by, 'digest', c.digest
    )) order by c.tenant_id, c.envelope_id) filter (where u.grant_id is not null)
  into may_go, busy, used_tenants, payloads
  from covered as c
  left join used as u on u.tenant_id = c.tenant_id and u.envelope_id = c.envelope_id;

  if used_tenants is not null then
    perform app_private.append_audit(
      used_tenants, 'worker', use_grants.worker_id,
      array_fill('envelope.granted'::text, array[cardinality(used_tenants)]), payloads, moment
    );
  end if;
  return jsonb_build_object('may_go', coalesce(may_go, '[]'), 'busy', coalesce(busy, '[]'));
end
$$;
revoke all on function worker_api.use_grants from public;
grant execute on function worker_api.use_grants to service_role, app_rw, outbox_worker;
