-- squawk-ignore-file ban-drop-function
-- Functions that change something take the actor's type, id and door. Drop the versions with fewer arguments; the files
-- under db/functions create the new ones after the migrations.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists app_private.act_as;
drop function if exists worker_api.cancel, worker_api.check_account, worker_api.decide_approval,
  worker_api.decide_tool, worker_api.enqueue, worker_api.expire_approvals, worker_api.expire_envelopes,
  worker_api.forget_settled, worker_api.note_scan, worker_api.pause_tenant, worker_api.requeue_dead_letters,
  worker_api.resolve_unknown, worker_api.resume_tenant, worker_api.save_account, worker_api.save_guardrails,
  worker_api.save_objective, worker_api.save_readings, worker_api.save_tenant, worker_api.save_tools,
  worker_api.sync_tools;
