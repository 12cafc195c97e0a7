-- What a database has otherwise that applied the first text of 010_jobs.sql.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table app_private.job_runs alter column due_at drop not null;
comment on column app_private.job_runs.due_at is 'The moment of the schedule that it stands for; null where a person asked.';
