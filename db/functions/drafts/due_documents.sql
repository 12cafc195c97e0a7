-- The pages of all tenants that are to be read again by now, the longest due first: a list of {tenant_id, source_url,
-- hash, etag, last_modified}. For the job that refreshes them.
-- call: repeatable
create or replace function drafts.due_documents(max_documents integer default 100, as_of timestamptz default null)
returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(d) order by d.next_refresh_at), '[]')
  from (
    select d.tenant_id, d.source_url, d.hash, d.etag, d.last_modified, d.next_refresh_at
    from drafts.source_documents as d
    where d.next_refresh_at <= coalesce(as_of, now()) and d.kind = 'page'
    order by d.next_refresh_at
    limit max_documents
  ) as d
$$;
revoke all on function drafts.due_documents from public;
grant execute on function drafts.due_documents to service_role, app_rw;
