-- The runs of one job, or of all (null), the newest first.
-- call: replica
create or replace function worker_api.list_job_runs(job text default null, max_runs integer default 50)
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(r order by r.started_at desc, r.id desc), '[]')
  from (
    select * from app_private.job_runs as run_row
    where list_job_runs.job is null or run_row.job = list_job_runs.job
    order by run_row.started_at desc, run_row.id desc
    limit max_runs
  ) as r
$$;
revoke all on function worker_api.list_job_runs from public;
grant execute on function worker_api.list_job_runs to service_role, app_rw, app_ro;
