-- A text that changes whenever the result of worker_api.read_policies for the tenant changes. A claim carries the
-- stamp. If it differs from the stamp of the worker's copy of the policy, the worker reads the policy again.
create or replace function app_private.policy_stamp(tenant uuid)
returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  -- xmin is the transaction that wrote a row. A counter would have to be locked by every change.
  select hashtextextended(concat(
    (select t.xmin from public.tenants as t where t.id = policy_stamp.tenant), '/',
    (select g.xmin from public.guardrails as g where g.tenant_id = policy_stamp.tenant), '/',
    (select max(v.version) from public.guardrail_versions as v where v.tenant_id = policy_stamp.tenant), '/',
    (
      select string_agg(p.xmin::text, '.' order by p.kind, p.target)
      from public.pauses as p where p.tenant_id = policy_stamp.tenant
    ), '/',
    (   -- the terms of a grant never change, and a use does not count as a change
      select string_agg(r.id::text, '.' order by r.id)
      from public.grants as r where r.tenant_id = policy_stamp.tenant and r.revoked_at is null
    ), '/',
    (   -- the candidate of a run never changes
      select r.id from public.shadow_runs as r
      where r.tenant_id = policy_stamp.tenant and r.stopped_at is null and r.envelopes < r.max_envelopes
      order by r.started_at desc, r.id
      limit 1
    ), '/',
    (
      select string_agg(a.xmin::text, '.' order by a.id)
      from public.connected_accounts as a where a.tenant_id = policy_stamp.tenant
    )
  ), 0)::text
$$;
revoke all on function app_private.policy_stamp from public;
