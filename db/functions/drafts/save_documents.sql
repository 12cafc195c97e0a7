-- Store documents with their passages, all or none. `documents` is a list of at most 100:
--   {source_url, kind, title, hash, text, language, etag, last_modified, next_refresh_at, refresh_hours,
--    metadata, chunks: [{heading, text, embedding (hex), signature (64 hex digits)}]}
-- If the hash is stored already, the document may come without chunks and is usually not written: see
-- drafts.put_document. Returns {saved, unchanged}. For owners and reviewers. Raises PT409 for a document with a new
-- hash and no chunks, PT400, and the errors of app_private.acting_caller.
-- call: repeatable
create or replace function drafts.save_documents(
  documents jsonb, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  document jsonb;
  id uuid;
  saved jsonb := '[]';
  read_count integer := 0;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if jsonb_typeof(documents) is distinct from 'array' or jsonb_array_length(documents) > 100 then
    raise exception 'documents: must be a list of at most 100' using errcode = 'PT400';
  end if;
  -- in one order, so that two callers with the same documents never deadlock
  for document in select d from jsonb_array_elements(documents) as d order by d ->> 'source_url' loop
    id := drafts.put_document(caller.tenant_id, document, moment);
    read_count := read_count + 1;
    if id is not null then
      saved := saved || jsonb_build_object('document_id', id, 'hash', document ->> 'hash');
    end if;
  end loop;
  if saved <> '[]' then
    perform app_private.do_at_commit(
      moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
      categories => array['documents.saved'], payloads => array[jsonb_build_object('documents', saved)],
      made_at => moment
    );
  end if;
  return jsonb_build_object('saved', jsonb_array_length(saved), 'unchanged', read_count - jsonb_array_length(saved));
end
$$;
revoke all on function drafts.save_documents from public;
grant execute on function drafts.save_documents to authenticated, service_role, app_rw;
