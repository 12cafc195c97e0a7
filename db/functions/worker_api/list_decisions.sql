-- Every approval of one envelope, decided or not, the oldest first, at most 100.
-- call: replica, columns 2 deep
create or replace function worker_api.list_decisions(tenant uuid, envelope uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(newest) order by newest.requested_at, newest.id), '[]')
  from (
    select a.* from public.approvals as a
    where a.tenant_id = list_decisions.tenant and a.envelope_id = list_decisions.envelope
    order by a.requested_at desc, a.id desc
    limit 100
  ) as newest
$$;
revoke all on function worker_api.list_decisions from public;
grant execute on function worker_api.list_decisions to service_role, app_rw, app_ro, authenticated;
