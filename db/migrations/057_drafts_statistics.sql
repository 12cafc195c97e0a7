-- Drafts: how many rows of a tenant the planner expects in the tables that grow with every message.
-- docs/decisions/057-how-many-rows-a-tenant-has.md says why two were too few, and why these numbers.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

do $$
declare
  t text;
begin
  foreach t in array array['conversations', 'messages', 'drafts', 'draft_actions', 'attachments'] loop   -- a thousand
    execute format('alter table drafts.%I alter column tenant_id set (n_distinct = -0.001)', t);
  end loop;
  -- ten: with more, a tenant's own read of the newest rows sorts all of them
  foreach t in array array[
    'learning_samples', 'notifications', 'abstentions', 'automatic_decisions', 'model_calls'
  ] loop
    execute format('alter table drafts.%I alter column tenant_id set (n_distinct = -0.1)', t);
  end loop;
end
$$;
