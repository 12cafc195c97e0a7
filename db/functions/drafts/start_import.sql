-- Record that an import begins, as a row of drafts.job_runs, where the tenant sees it. `type` is `crawl`,
-- `ingest_goldens` or `corrections_sync`. Returns the row. For owners and reviewers. Raises PT404 and PT403 as
-- app_private.acting_caller does, and PT400.
-- call: not repeatable, columns 1 deep
create or replace function drafts.start_import(
  type text, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  started drafts.job_runs;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts('type', start_import.type);
  if coalesce(start_import.type, '') not in ('crawl', 'ingest_goldens', 'corrections_sync') then
    raise exception 'type: must be crawl, ingest_goldens or corrections_sync' using errcode = 'PT400';
  end if;
  insert into drafts.job_runs (tenant_id, type, status, started_at, created_at)
  values (caller.tenant_id, start_import.type, 'running', moment, moment)
  returning * into started;
  return to_jsonb(started);
end
$$;
revoke all on function drafts.start_import from public;
grant execute on function drafts.start_import to authenticated, service_role, app_rw;
