-- What the clock starts: one row per run. A run is a lease, too: while it lasts, no other scheduler starts the job.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table app_private.job_runs (
  job text not null,
  id uuid not null default gen_random_uuid(),
  due_at timestamptz,
  status text not null default 'running',
  worker_id text not null,
  lease_until timestamptz not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  counts jsonb not null default '{}',
  error text,
  primary key (job, id),
  constraint job_runs_status_check check (status in ('running', 'succeeded', 'failed', 'lost')),
  constraint job_runs_finished_check check ((finished_at is null) = (status = 'running'))
);
comment on table app_private.job_runs is 'One row per run of a job; the last thousand of each job are kept.';
comment on column app_private.job_runs.due_at is 'The moment of the schedule that it stands for; null where a person asked.';
comment on column app_private.job_runs.status is 'lost: whoever ran it went away before the end.';
create index job_runs_started_idx on app_private.job_runs (job, started_at desc, id);
create unique index job_runs_running_uidx on app_private.job_runs (job) where status = 'running';
alter table app_private.job_runs enable row level security;
