-- Delete shadow runs that ended more than `keep` ago, with their verdicts: at most `max_runs`. Runs that another
-- transaction has locked are left for the next call. Returns how many were deleted.
-- call: repeatable
create or replace function worker_api.forget_shadow_runs(
  keep interval, max_runs integer, as_of timestamptz default null
)
returns integer
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with old as (
    select r.tenant_id, r.id from public.shadow_runs as r
    where coalesce(r.stopped_at, r.ends_at) < coalesce(as_of, now()) - keep
    limit max_runs
    for update skip locked
  ), verdicts as (
    delete from public.shadow_verdicts as v using old where v.tenant_id = old.tenant_id and v.run_id = old.id
  ), deleted as (
    delete from public.shadow_runs as r using old where r.tenant_id = old.tenant_id and r.id = old.id returning 1
  )
  select count(*)::integer from deleted
$$;
revoke all on function worker_api.forget_shadow_runs from public;
grant execute on function worker_api.forget_shadow_runs to service_role, app_rw;
