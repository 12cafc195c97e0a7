-- End a run of a job with its status, counts and error. Returns false, and changes nothing, if another scheduler has
-- taken over the job.
-- call: repeatable
create or replace function worker_api.finish_job(
  job text, run_id uuid, status text, counts jsonb, error text, as_of timestamptz default null
)
returns boolean
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
  select app_private.check_texts('job', finish_job.job, 'status', finish_job.status, 'error', finish_job.error);
  update app_private.job_runs as r
  set status = finish_job.status, finished_at = coalesce(as_of, now()), counts = finish_job.counts,
      error = finish_job.error
  where r.job = finish_job.job and r.id = finish_job.run_id and r.status = 'running';
  select coalesce((
    select r.status = finish_job.status from app_private.job_runs as r
    where r.job = finish_job.job and r.id = finish_job.run_id
  ), false)
$$;
revoke all on function worker_api.finish_job from public;
grant execute on function worker_api.finish_job to service_role, app_rw;
