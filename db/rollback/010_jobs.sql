drop function if exists worker_api.take_job, worker_api.extend_job, worker_api.finish_job, worker_api.list_job_runs;
drop table app_private.job_runs;
