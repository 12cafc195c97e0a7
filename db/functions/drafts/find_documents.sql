-- Which of these addresses (at most 100) belong to documents that replies may cite: a list of {source_url, title}. A
-- document that vanished or is not indexed is left out. For everybody of the tenant. Raises PT404 and PT403 as
-- app_private.acting_caller does, and PT400.
-- call: repeatable
create or replace function drafts.find_documents(
  source_urls jsonb, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  if jsonb_typeof(source_urls) is distinct from 'array' or jsonb_array_length(source_urls) > 100 then
    raise exception 'source_urls: must be a list of at most 100' using errcode = 'PT400';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('source_url', d.source_url, 'title', d.title)), '[]')
    from drafts.source_documents as d
    where d.tenant_id = caller.tenant_id and d.vanished_at is null and d.indexed_at is not null
      and d.source_url in (select jsonb_array_elements_text(find_documents.source_urls))
  );
end
$$;
revoke all on function drafts.find_documents from public;
grant execute on function drafts.find_documents to authenticated, service_role, app_rw;
