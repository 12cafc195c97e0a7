-- The newest 20 shadow runs of a tenant, the newest first. `verdicts` of a run is [[decision, candidate_decision,
-- number of envelopes]].
-- call: replica, columns 2 deep
create or replace function worker_api.list_shadow_runs(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(
    to_jsonb(r) || jsonb_build_object('verdicts', (
      select coalesce(jsonb_agg(jsonb_build_array(v.decision, v.candidate_decision, v.envelopes)), '[]')
      from (
        select one.decision, one.candidate_decision, count(*) as envelopes
        from public.shadow_verdicts as one
        where one.tenant_id = r.tenant_id and one.run_id = r.id
        group by 1, 2
        order by 1, 2
      ) as v
    )) order by r.started_at desc, r.id
  ), '[]')
  from (
    select one.* from public.shadow_runs as one
    where one.tenant_id = list_shadow_runs.tenant
    order by one.started_at desc, one.id
    limit 20
  ) as r
$$;
revoke all on function worker_api.list_shadow_runs from public;
grant execute on function worker_api.list_shadow_runs to service_role, app_rw, app_ro, authenticated;
