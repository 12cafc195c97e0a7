-- The newest 20 shadow runs of a tenant, the newest first. `verdicts` of a run is [[decision, candidate_decision,
-- number of envelopes]].
-- call: replica, columns 2 deep
create or replace function worker_api.list_shadow_runs(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(
    to_jsonb(r) || jsonb_build_object('verdicts', (
      select coalesce(jsonb_agg(jsonb_build_array(v.decision, v.candidate_decision, v.envelopes)), '[]')
      from (
        select verdict_row.decision, verdict_row.candidate_decision, count(*) as envelopes
        from public.shadow_verdicts as verdict_row
        where verdict_row.tenant_id = r.tenant_id and verdict_row.run_id = r.id
        group by 1, 2
        order by 1, 2
      ) as v
    )) order by r.started_at desc, r.id
  ), '[]')
  from (
    select run_row.* from public.shadow_runs as run_row
    where run_row.tenant_id = list_shadow_runs.tenant
    order by run_row.started_at desc, run_row.id
    limit 20
  ) as r
$$;
revoke all on function worker_api.list_shadow_runs from public;
grant execute on function worker_api.list_shadow_runs to service_role, app_rw, app_ro, authenticated;
