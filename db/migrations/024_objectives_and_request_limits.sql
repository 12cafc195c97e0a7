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

-- ---------------------------------------------------------------------------------------------------------------
-- How many requests of the API a tenant and each of its tokens may make
-- ---------------------------------------------------------------------------------------------------------------

alter table public.tenants
  add column requests_per_minute integer, add column token_requests_per_minute integer,
  add constraint tenants_requests_per_minute_check check (requests_per_minute >= 0) not valid,
  add constraint tenants_token_requests_per_minute_check check (token_requests_per_minute >= 0) not valid;
comment on column public.tenants.requests_per_minute is
  'Requests of the API for the whole tenant; 0: no limit. Null: the setting ACP_API_REQUESTS_PER_MINUTE.';
comment on column public.tenants.token_requests_per_minute is
  'Requests of the API for each of its tokens and users; 0: no limit. Null: ACP_API_TOKEN_REQUESTS_PER_MINUTE.';
grant select (requests_per_minute, token_requests_per_minute) on public.tenants to authenticated;
alter table public.tenants
  alter column requests_per_minute set statistics 0, alter column token_requests_per_minute set statistics 0;

-- Token buckets. Unlogged: after a crash of the database they are full again, and each request costs no write to the WAL.
create unlogged table app_private.request_buckets (
  tenant_id uuid not null,
  caller text not null,
  tokens double precision not null,
  filled_at timestamptz not null,
  granted boolean not null,
  primary key (tenant_id, caller)
) with (fillfactor = 50);
comment on column app_private.request_buckets.caller is 'Empty: the tenant as a whole.';
comment on column app_private.request_buckets.granted is 'Whether the last request got a token.';
alter table app_private.request_buckets enable row level security;
revoke all on app_private.request_buckets from public, anon, authenticated, service_role;
