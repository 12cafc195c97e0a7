-- squawk-ignore-file ban-drop-function
-- An envelope may name the objective that it serves, so that people see what agents did for each.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- They take `objective_ids` now; db/functions creates them again. Who does not pass it proposes as before.
drop function if exists worker_api.enqueue, tenant_api.enqueue;

alter table public.outbox add column objective_id uuid;
alter table public.outbox_dlq add column objective_id uuid;
comment on column public.outbox.objective_id is 'The objective of the same tenant that the call serves. Null: none.';
grant select (objective_id) on public.outbox, public.outbox_dlq to authenticated;
-- As for the other columns: the planner must not know what is common over all tenants (008).
alter table public.outbox alter column objective_id set statistics 0;
alter table public.outbox_dlq alter column objective_id set statistics 0;

-- Not validated: no row from before has an objective.
alter table public.outbox
  add constraint outbox_objective_id_fkey
  foreign key (tenant_id, objective_id) references public.objectives (tenant_id, id) not valid;
alter table public.outbox_dlq
  add constraint outbox_dlq_objective_id_fkey
  foreign key (tenant_id, objective_id) references public.objectives (tenant_id, id) not valid;

-- Without `status`: an index on a column that changes would make every change of an envelope write all indexes.
-- squawk-ignore require-concurrent-index-creation
create index outbox_objective_idx on public.outbox (tenant_id, objective_id) where objective_id is not null;
-- squawk-ignore require-concurrent-index-creation
create index outbox_dlq_objective_idx on public.outbox_dlq (tenant_id, objective_id) where objective_id is not null;
