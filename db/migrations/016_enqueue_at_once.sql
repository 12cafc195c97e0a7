-- squawk-ignore-file ban-drop-function
--
-- An enqueue that is a transaction of its own says so. And a note that stands for a renewal follows the database's clock
-- when that is set back, as lanes do.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Notes of before do not say when they were written, and end when they said.
alter table app_private.renewals add column set_at timestamptz not null default '-infinity';
comment on column app_private.renewals.set_at is 'When `until` was written; later than now: the clock was set back since.';

-- It takes `commits_at_once` now: the old one goes, and its file brings the new one.
drop function if exists worker_api.enqueue;
