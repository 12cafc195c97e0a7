-- The documents of a tenant without their texts, ordered by address, after the address in `after`. With `kind`, only
-- documents of this kind. With `begins`, only documents whose address begins with this text. A list of {id, source_url,
-- kind, title, hash, language, etag, last_modified, indexed_at, next_refresh_at, refresh_hours, failure, failed_at,
-- vanished_at, chunks}. For everybody of the tenant. Raises PT404 and PT403 as app_private.acting_caller does.
-- call: repeatable
create or replace function drafts.list_documents(
  kind text default null, begins text default '', after text default '', max_documents integer default 1000,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  perform app_private.check_texts('kind', list_documents.kind);
  return (
    select coalesce(jsonb_agg(to_jsonb(d) order by d.source_url), '[]')
    from (
      select
        d.id, d.source_url, d.kind, d.title, d.hash, d.language, d.etag, d.last_modified, d.indexed_at,
        d.next_refresh_at, d.refresh_hours, d.failure, d.failed_at, d.vanished_at,
        (select count(*) from drafts.chunk_signatures as s where s.tenant_id = d.tenant_id and s.document_id = d.id)
          as chunks
      from drafts.source_documents as d
      where d.tenant_id = caller.tenant_id and (list_documents.kind is null or d.kind = list_documents.kind)
        and starts_with(d.source_url, begins) and d.source_url > list_documents.after
      order by d.source_url
      limit least(max_documents, 1000)
    ) as d
  );
end
$$;
revoke all on function drafts.list_documents from public;
grant execute on function drafts.list_documents to authenticated, service_role, app_rw;
