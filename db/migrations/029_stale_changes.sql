-- squawk-ignore-file ban-drop-function
-- A change may name the state that its author saw, and is refused if there is another one now. The files under
-- db/functions create the new versions after the migrations.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists worker_api.save_guardrails, tenant_api.save_guardrails, worker_api.save_objective,
  tenant_api.save_objective;
