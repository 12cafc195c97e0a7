-- Extend the lease of a run of a job. Returns false, and changes nothing, if another scheduler has taken over the job.
-- call: repeatable
create or replace function worker_api.extend_job(
  job text, run_id uuid, lease_for interval, as_of timestamptz default null
)
returns boolean
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
  select app_private.check_texts('job', extend_job.job);
  with held as (
    update app_private.job_runs as r
    set lease_until = coalesce(as_of, now()) + lease_for
    where r.job = extend_job.job and r.id = extend_job.run_id and r.status = 'running'
    returning 1
  )
  select exists (select from held)
$$;
revoke all on function worker_api.extend_job from public;
grant execute on function worker_api.extend_job to service_role, app_rw;
