-- squawk-ignore-file ban-drop-function
-- A proposal may name the stamps of the policy and of the tool with which it was checked.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- They take the stamps; db/functions creates them again.
drop function if exists worker_api.enqueue, tenant_api.enqueue;
