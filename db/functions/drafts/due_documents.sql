-- The pages that are due to be read again: a list of {tenant_id, source_url, hash, etag, last_modified}, at most
-- `max_documents`. Tenants take turns, each with the page first that has been due for longest. If more than
-- `max_documents` tenants wait, some are chosen at random. For the job that refreshes documents.
-- call: repeatable
create or replace function drafts.due_documents(max_documents integer default 100, as_of timestamptz default null)
returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(d) - 'nth' order by d.nth, d.next_refresh_at), '[]')
  from (
    select d.tenant_id, d.source_url, d.hash, d.etag, d.last_modified, d.next_refresh_at,
      row_number() over (partition by d.tenant_id order by d.next_refresh_at, d.source_url) as nth
    from drafts.source_documents as d
    where d.next_refresh_at <= coalesce(as_of, now()) and d.kind = 'page'
    order by nth, random()
    limit max_documents
  ) as d
$$;
revoke all on function drafts.due_documents from public;
grant execute on function drafts.due_documents to service_role, app_rw;
