-- A page of a tenant's envelopes, grouped into cases. Guardrails cannot tell the envelopes of one case apart, so a
-- replay judges each case once. The page has the envelopes proposed from `since` to before `until`, after `after_at`
-- and `after_id`. With `dead` it has dead letters instead, by `moved_at`; `after_at` is then a `moved_at` too.
-- The result is {envelopes, end, cases}, where `end` is [moment, id] of the page's last envelope, or null. A case is
--   [tool_slug, tool_version, connected_account_id, score, minute, evidence, decision, for_settings, count, risk,
--    arguments, granted].
-- The other arguments say how finely cases are divided; the body explains each value of a case.
-- call: replica
create or replace function worker_api.count_cases(
  tenant uuid, since timestamptz, until timestamptz, after_at timestamptz, after_id uuid, max_envelopes integer,
  dead boolean, with_evidence boolean, every interval default null, threshold numeric default null,
  argument_names text[] default null
)
returns jsonb language sql stable
set search_path = pg_catalog, pg_temp set enable_nestloop = off set work_mem = '64MB' as $$
  with page as materialized (
    (
      select o.id, o.created_at as at, o.created_at, o.tool_slug, o.tool_version, o.connected_account_id, o.trust_context,
        o.risk, coalesce(o.proposed_arguments, o.arguments) as arguments
      from public.outbox as o
      where not count_cases.dead and o.tenant_id = count_cases.tenant
        and (o.created_at, o.id) > (coalesce(after_at, since), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
        and o.created_at < count_cases.until
      order by o.created_at, o.id
      limit max_envelopes
    )
    union all
    (
      select d.id, d.moved_at, d.created_at, d.tool_slug, d.tool_version, d.connected_account_id, d.trust_context,
        d.risk, coalesce(d.proposed_arguments, d.arguments)
      from public.outbox_dlq as d
      where count_cases.dead and d.tenant_id = count_cases.tenant
        and (d.moved_at, d.id) > (coalesce(after_at, since), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
      order by d.moved_at, d.id
      limit max_envelopes
    )
  -- The last request for an approval: how it ended, and whether only the trust score or approval rules were its reason.
  ), last_requests as (
    select distinct on (approval_row.envelope_id)
      approval_row.envelope_id,
      case
        when approval_row.decision is null or approval_row.rejection_code in ('cancelled', 'tool_rejected') then 'open'
        else approval_row.decision
      end as decision,
      case
        when argument_names is null then approval_row.reason like 'trust: %'
        else approval_row.reason not like 'tool: %'
      end as for_settings
    from page as p
    join public.approvals as approval_row
      on approval_row.tenant_id = count_cases.tenant and approval_row.envelope_id = p.id
    order by approval_row.envelope_id, approval_row.requested_at desc
  ), granted as (   -- a grant allowed an attempt
    select distinct u.envelope_id from public.grant_uses as u where u.tenant_id = count_cases.tenant
  ), cases as (
    select
      p.tool_slug, p.tool_version, p.connected_account_id,
      case when jsonb_typeof(p.trust_context -> 'score') = 'number' then
        case
          when (p.trust_context -> 'score')::numeric not between 0 and 1 then null
          when threshold is null then (p.trust_context -> 'score')::float8
          -- 1 if the score reaches the threshold, else 0: this makes fewer cases
          else ((p.trust_context -> 'score')::float8 >= threshold::float8)::integer
        end
      end as score,
      date_bin(every, p.created_at, 'epoch') as minute,
      case when with_evidence then p.trust_context -> 'evidence' end as evidence,
      a.decision, a.for_settings, case when argument_names is not null then p.risk end as risk,
      case
        when cardinality(argument_names) = 0 then '{}'
        when argument_names is not null then (
          select coalesce(jsonb_object_agg(named.key, named.value), '{}')
          from jsonb_each(case jsonb_typeof(p.arguments) when 'object' then p.arguments else '{}' end) as named
          where named.key = any (argument_names)
        )
      end as arguments,
      g.envelope_id is not null as granted, count(*) as envelopes
    from page as p
    left join last_requests as a on a.envelope_id = p.id
    left join granted as g on g.envelope_id = p.id
    where p.created_at >= count_cases.since and p.created_at < count_cases.until
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  )
  select jsonb_build_object(
    'envelopes', (select count(*) from page),
    'end', (select jsonb_build_array(p.at, p.id) from page as p order by p.at desc, p.id desc limit 1),
    'cases', (
      select coalesce(jsonb_agg(jsonb_build_array(
        c.tool_slug, c.tool_version, c.connected_account_id, c.score, (extract(epoch from c.minute) / 60)::bigint,
        c.evidence, c.decision, c.for_settings, c.envelopes   -- earlier callers pass no argument_names and get these
      ) || case when argument_names is null then '[]' else jsonb_build_array(c.risk, c.arguments, c.granted) end), '[]')
      from cases as c
    )
  )
$$;
revoke all on function worker_api.count_cases from public;
grant execute on function worker_api.count_cases to service_role, app_rw, app_ro, authenticated;
