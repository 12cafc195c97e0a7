-- A tenant's evidence. The evidence that was seen last comes first.
-- call: replica
create or replace function worker_api.list_evidence(tenant uuid, max_rows integer default 50)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(e order by e.seen_at desc, e.id), '[]')
  from (
    select * from public.evidence as evidence_row
    where evidence_row.tenant_id = list_evidence.tenant
    order by evidence_row.seen_at desc, evidence_row.id
    limit max_rows
  ) as e
$$;
revoke all on function worker_api.list_evidence from public;
grant execute on function worker_api.list_evidence to service_role, app_rw, app_ro, authenticated;
