-- squawk-ignore-file ban-drop-function
-- Give internal functions plain names, and allow only known types of actor in the audit log. The files under
-- db/functions create the functions with their new names after the migrations.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists app_private.bury, app_private.change_envelope, app_private.follow_clock,
  app_private.free_version, app_private.goes_back, app_private.pin_again, app_private.refused,
  app_private.release_drifted, app_private.through_door;

-- Not validated, because rows are never changed: earlier versions let callers of worker_api, and sessions that set
-- app.actor_type, write any text. Such rows stay, and are read as actors of type `other`.
alter table public.audit_log add constraint audit_log_actor_type_check
  check (actor_type in ('agent', 'worker', 'operator', 'user', 'system')) not valid;
