-- Record that documents no longer exist. Their passages are deleted, so that replies no longer cite them. Unknown
-- addresses are skipped. Returns {vanished}: how many. For owners and reviewers. Raises PT404 and PT403 as
-- app_private.acting_caller does, and PT400.
-- call: repeatable
create or replace function drafts.mark_documents_vanished(
  source_urls jsonb, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  gone uuid[];
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if jsonb_typeof(source_urls) is distinct from 'array' or jsonb_array_length(source_urls) > 1000 then
    raise exception 'source_urls: must be a list of at most 1000' using errcode = 'PT400';
  end if;
  with marked as (
    update drafts.source_documents as d
    set vanished_at = moment, indexed_at = coalesce(d.indexed_at, moment), next_refresh_at = null, hash = null,
        text = null, failure = null, failed_at = null
    where d.tenant_id = caller.tenant_id and d.vanished_at is null
      and d.source_url in (select jsonb_array_elements_text(mark_documents_vanished.source_urls))
    returning d.id
  )
  select array_agg(m.id) into gone from marked as m;
  if gone is null then
    return jsonb_build_object('vanished', 0);
  end if;
  delete from drafts.chunks as c where c.tenant_id = caller.tenant_id and c.document_id = any (gone);
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['documents.vanished'], payloads => array[jsonb_build_object('document_ids', gone)],
    made_at => moment
  );
  return jsonb_build_object('vanished', cardinality(gone));
end
$$;
revoke all on function drafts.mark_documents_vanished from public;
grant execute on function drafts.mark_documents_vanished to authenticated, service_role, app_rw;
