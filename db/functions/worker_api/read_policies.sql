-- Everything the guardrails look at, for these tenants, at one moment: [{tenant_id, policy}].
create or replace function worker_api.read_policies(tenants uuid[])
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('tenant_id', t.id, 'policy', jsonb_build_object(
    'paused_at', t.paused_at,
    'paused_reason', t.paused_reason,
    'settings', to_jsonb(g),
    'accounts', (
      select coalesce(jsonb_agg(a order by a.linked_at desc nulls last, a.id), '[]')
      from public.connected_accounts as a where a.tenant_id = t.id
    )
  ))), '[]')
  from public.tenants as t
  left join public.guardrails as g on g.tenant_id = t.id
  where t.id = any (tenants)
$$;
revoke all on function worker_api.read_policies from public;
grant execute on function worker_api.read_policies to service_role, app_rw, outbox_worker;
