-- Approvals without a decision, the oldest first, each with its envelope; at most 1000.
-- call: replica, columns 3 deep
create or replace function worker_api.list_approvals(tenant uuid, envelope uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(open.approval), '[]')
  from (
    select to_jsonb(a) || jsonb_build_object(
      'envelope', to_jsonb(o), 'digest', coalesce(a.decided_digest, a.digest)
    ) as approval
    from public.approvals as a
    join public.outbox as o on o.id = a.envelope_id and o.tenant_id = a.tenant_id
    where a.decision is null
      and (list_approvals.tenant is null or a.tenant_id = list_approvals.tenant)
      and (list_approvals.envelope is null or a.envelope_id = list_approvals.envelope)
    order by a.requested_at, a.id
    limit 1000
  ) as open
$$;
revoke all on function worker_api.list_approvals from public;
grant execute on function worker_api.list_approvals to service_role, app_rw, app_ro, authenticated;
