-- The envelopes about which the candidate of a shadow run decided differently, the newest first, at most 1000.
-- call: replica, columns 2 deep
create or replace function worker_api.list_shadow_differences(tenant uuid, run uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(newest order by newest.judged_at desc, newest.envelope_id), '[]')
  from (
    select v.* from public.shadow_verdicts as v
    where v.tenant_id = list_shadow_differences.tenant and v.run_id = list_shadow_differences.run
      and v.decision <> v.candidate_decision
    order by v.judged_at desc, v.envelope_id
    limit 1000
  ) as newest
$$;
revoke all on function worker_api.list_shadow_differences from public;
grant execute on function worker_api.list_shadow_differences to service_role, app_rw, app_ro, authenticated;
