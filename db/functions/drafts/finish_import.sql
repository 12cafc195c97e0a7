-- Record how an import ended: it failed if `error` is given, and `metrics` has its counts. Appends an audit row. If the
-- import has ended before, nothing changes. Returns the row of drafts.job_runs. For owners and reviewers. Raises PT404
-- for an unknown import, and PT403.
-- call: repeatable, columns 1 deep
create or replace function drafts.finish_import(
  import_id uuid, error text default null, metrics jsonb default '{}', tenant uuid default null,
  as_of timestamptz default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  finished drafts.job_runs;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts('error', finish_import.error);
  update drafts.job_runs as r
  set status = case when finish_import.error is null then 'succeeded' else 'failed' end, finished_at = moment,
      error = finish_import.error, metrics = finish_import.metrics
  where r.tenant_id = caller.tenant_id and r.id = finish_import.import_id and r.status in ('queued', 'running')
  returning * into finished;
  if not found then
    select * into finished from drafts.job_runs as r where r.tenant_id = caller.tenant_id and r.id = finish_import.import_id;
    if not found then
      raise exception 'import: no import %', import_id using errcode = 'PT404';
    end if;
    return to_jsonb(finished);
  end if;
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['import.' || finished.status],
    payloads => array[jsonb_build_object('import_id', finished.id, 'type', finished.type, 'metrics', finished.metrics)],
    made_at => moment
  );
  return to_jsonb(finished);
end
$$;
revoke all on function drafts.finish_import from public;
grant execute on function drafts.finish_import to authenticated, service_role, app_rw;
