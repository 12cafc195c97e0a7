-- The evidence with these keys {tenant_id, id}, as [{tenant_id, id, sha256, seen_at}]. Keys without evidence are left
-- out.
-- call: repeatable
create or replace function worker_api.find_evidence(keys jsonb)
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', e.tenant_id, 'id', e.id, 'sha256', e.sha256, 'seen_at', e.seen_at
  )), '[]')
  from jsonb_to_recordset(keys) as k (tenant_id uuid, id uuid)
  join public.evidence as e on e.tenant_id = k.tenant_id and e.id = k.id
$$;
revoke all on function worker_api.find_evidence from public;
grant execute on function worker_api.find_evidence to service_role, app_rw, outbox_worker;
