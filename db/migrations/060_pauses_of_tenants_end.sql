-- squawk-ignore-file ban-drop-function
-- The pause of a whole tenant may have an end, as that of a tool, an account or an agent.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table public.tenants
  add column pause_ends_at timestamptz,
  add constraint tenants_pause_ends_at_check check (paused_at is not null or pause_ends_at is null) not valid,
  add constraint tenants_pause_ends_at_fits check (app_private.fits('pause_ends_at', pause_ends_at)) not valid;
comment on column public.tenants.pause_ends_at is
  'When the pause ends by itself; from then on, paused_at and paused_reason mean nothing. Null: until it is resumed.';
grant select (pause_ends_at) on public.tenants to authenticated;
-- As for the other columns: the planner must not know what is common over all tenants (008).
alter table public.tenants alter column pause_ends_at set statistics 0;

-- They take the end, or the moment to compare it with; db/functions creates them again.
drop function if exists worker_api.pause_tenant, tenant_api.pause_tenant, worker_api.list_tenants, worker_api.get_tenant,
  worker_api.accounts_to_scan;
