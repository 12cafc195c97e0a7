-- Record that a document could not be read. The stored version stays and may be cited. The next reading is at
-- `next_refresh_at`, the later ones every `refresh_hours`. For owners and reviewers. Raises PT404 and PT403 as
-- app_private.acting_caller does, and PT400.
-- call: repeatable
create or replace function drafts.mark_document_failed(
  source_url text, kind text, problem text, next_refresh_at timestamptz default null, tenant uuid default null,
  as_of timestamptz default null, actor_type text default 'operator', actor_id text default null,
  door text default null, refresh_hours integer default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  marked uuid;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts('problem', problem);
  if octet_length(coalesce(mark_document_failed.source_url, '')) not between 1 and 2048 then
    raise exception 'source_url: must have 1 to 2048 bytes' using errcode = 'PT400';
  end if;
  insert into drafts.source_documents as d (tenant_id, source_url, kind, failure, failed_at, next_refresh_at, refresh_hours)
  values (
    caller.tenant_id, mark_document_failed.source_url, mark_document_failed.kind, problem, moment,
    mark_document_failed.next_refresh_at, mark_document_failed.refresh_hours
  )
  on conflict on constraint uq_source_documents_source_url do update
  set failure = excluded.failure, failed_at = excluded.failed_at, next_refresh_at = excluded.next_refresh_at,
      refresh_hours = excluded.refresh_hours
  returning d.id into marked;
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['document.failed'], payloads => array[jsonb_build_object('document_id', marked)],
    made_at => moment
  );
end
$$;
revoke all on function drafts.mark_document_failed from public;
grant execute on function drafts.mark_document_failed to authenticated, service_role, app_rw;
