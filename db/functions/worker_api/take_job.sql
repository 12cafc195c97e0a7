-- Start a run of a job if it is due and not running. Returns the run, or null. A job is due at the multiples of `every`
-- since 1970; if several of these times were missed, one run replaces all of them. If `every` is null, the run is
-- manual: it starts immediately and replaces no scheduled run. A repeated call with the same `run_id` returns the same
-- run.
-- call: repeatable
create or replace function worker_api.take_job(
  job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  slot timestamptz := date_bin(every, moment, timestamptz '1970-01-01 00:00:00+00');
  last app_private.job_runs;
  run app_private.job_runs;
begin
  perform app_private.check_texts('job', take_job.job, 'worker_id', take_job.worker_id);
  perform pg_advisory_xact_lock(hashtextextended(take_job.job, 10));
  select * into last from app_private.job_runs as r where r.job = take_job.job order by r.started_at desc, r.id desc limit 1;
  if last.id = take_job.run_id then
    return to_jsonb(last);   -- the same call was sent again
  elsif last.status = 'running' and last.lease_until > moment then
    return null;
  elsif last.status = 'running' then
    update app_private.job_runs as r
    set status = 'lost', finished_at = moment, error = 'its lease expired before it finished'
    where r.job = last.job and r.id = last.id;
  end if;
  if (   -- a lost run is repeated once; then the job waits until it is due again
    select count(*) > 1 or bool_or(r.status <> 'lost')
    from app_private.job_runs as r where r.job = take_job.job and r.due_at >= slot
  ) then
    return null;
  end if;

  insert into app_private.job_runs (job, id, due_at, worker_id, lease_until, started_at)
  values (take_job.job, take_job.run_id, slot, take_job.worker_id, moment + lease_for, moment)
  returning * into run;
  delete from app_private.job_runs as r
  where r.job = take_job.job and r.id in (
    select old.id from app_private.job_runs as old
    where old.job = take_job.job order by old.started_at desc, old.id desc offset 1000
  );
  return to_jsonb(run);
end
$$;
revoke all on function worker_api.take_job from public;
grant execute on function worker_api.take_job to service_role, app_rw;
