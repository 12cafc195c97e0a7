-- Everything that the guardrails read about these tenants at one moment: [{tenant_id, policy}]. `stamp` differs after
-- every change of the policy. Triggers limit the size of what a tenant writes. Rows that were written without these
-- triggers and are too large are left out. If they are the guardrails or accounts, `unreadable` says why.
-- call: repeatable, columns 5 deep
create or replace function worker_api.read_policies(tenants uuid[], as_of timestamptz default null)
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('tenant_id', t.id, 'policy', jsonb_build_object(
    'stamp', app_private.policy_stamp(t.id),
    'paused_at', pause.started_at,
    'paused_reason', pause.reason,
    'pause_ends_at', pause.ends_at,
    'pauses', (
      select coalesce(jsonb_agg(p order by p.kind, p.target), '[]') from public.pauses as p where p.tenant_id = t.id
    ),
    'grants', (
      select coalesce(jsonb_agg(open order by open.issued_at, open.id), '[]')
      from (
        select g.* from public.grants as g
        where g.tenant_id = t.id and g.revoked_at is null and g.expires_at > coalesce(as_of, now())
          and octet_length(g.arguments::text) <= 8192
        order by g.issued_at, g.id
        limit 100
      ) as open
    ),
    'shadow', (
      select jsonb_build_object('run_id', r.id, 'candidate', r.candidate)
      from public.shadow_runs as r
      where r.tenant_id = t.id and r.stopped_at is null and r.ends_at > coalesce(as_of, now())
        and r.envelopes < r.max_envelopes and octet_length(r.candidate::text) <= 262144
      order by r.started_at
      limit 1
    ),
    'settings', case when oversized.problem is null then to_jsonb(g) end,
    'guardrails_version', (select max(v.version) from public.guardrail_versions as v where v.tenant_id = t.id),
    'accounts', case when oversized.problem is null then (
      select coalesce(jsonb_agg(a order by a.linked_at desc nulls last, a.id), '[]')
      from public.connected_accounts as a where a.tenant_id = t.id
    ) else '[]' end,
    'unreadable', oversized.problem
  ))), '[]')
  from public.tenants as t
  left join public.guardrails as g on g.tenant_id = t.id
  -- a pause that has ended is left out, because workers of 0.1.0 do not know that a tenant's pause can end
  left join lateral (
    select t.paused_at as started_at, left(t.paused_reason, 16384) as reason, t.pause_ends_at as ends_at
    where t.pause_ends_at is null or t.pause_ends_at > coalesce(as_of, now())
  ) as pause on true
  cross join lateral (
    select case
      when octet_length(to_jsonb(g)::text) > 262144 then 'the guardrails are larger than 256 KiB'
      when count(*) > 1000 then 'there are more than 1000 connected accounts; delete some'
      when sum(a.octets) > 1048576 then 'the connected accounts are larger than 1 MiB; delete some'
    end as problem
    from (
      select octet_length(account_row.metadata::text) + octet_length(account_row.scopes::text) as octets
      from public.connected_accounts as account_row
      where account_row.tenant_id = t.id
      limit 1001
    ) as a
  ) as oversized
  where t.id = any (tenants)
$$;
revoke all on function worker_api.read_policies from public;
grant execute on function worker_api.read_policies to service_role, app_rw, outbox_worker;
