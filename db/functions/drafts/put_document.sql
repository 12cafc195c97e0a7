-- Store one document with its passages, in place of its stored version. `document` is as in drafts.save_documents. The
-- caller has checked the rights and writes the audit row.
-- Returns the id of the document. If the hash is unchanged, returns null, and the row is written only to clear an
-- earlier failure, to replace a next_refresh_at that has passed, or because refresh_hours changed.
-- call: internal
create or replace function drafts.put_document(tenant uuid, document jsonb, moment timestamptz)
returns uuid language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  new drafts.source_documents;
  known drafts.source_documents;
begin
  perform drafts.check_fields('document', document, '{
    "chunks": "list", "etag": "text", "hash": "text", "kind": "text", "language": "text", "last_modified": "text",
    "metadata": "object", "next_refresh_at": "moment", "refresh_hours": "integer", "source_url": "text", "text": "text", "title": "text"
  }');
  perform drafts.check_fields(format('chunks[%s]', c.nth - 1), c.chunk, '{
    "embedding": "text", "heading": "text", "signature": "text", "text": "text"
  }')
  from jsonb_array_elements(document -> 'chunks') with ordinality as c (chunk, nth)
  where document -> 'chunks' <> 'null';
  new := jsonb_populate_record(
    null::drafts.source_documents,
    document - array['id', 'tenant_id', 'indexed_at', 'failure', 'failed_at', 'vanished_at']
  );
  if new.source_url is null or new.hash is null or new.kind is null then
    raise exception 'documents: each needs source_url, kind and hash' using errcode = 'PT400';
  end if;
  select * into known from drafts.source_documents as d
  where d.tenant_id = put_document.tenant and d.source_url = new.source_url
  for update;
  if known.hash = new.hash and known.vanished_at is null then
    update drafts.source_documents as d
    set next_refresh_at = new.next_refresh_at, refresh_hours = new.refresh_hours, etag = new.etag,
        last_modified = new.last_modified, failure = null, failed_at = null
    where d.tenant_id = known.tenant_id and d.id = known.id and (
      known.failure is not null or new.refresh_hours is distinct from known.refresh_hours
      or new.next_refresh_at is not null and coalesce(known.next_refresh_at, moment) <= moment
    );
    return null;
  elsif coalesce(jsonb_typeof(document -> 'chunks'), '') <> 'array' then
    raise exception 'documents: % has no chunks, and another hash than the stored one', to_json(new.source_url)
      using errcode = 'PT409';
  end if;
  insert into drafts.source_documents (
    tenant_id, source_url, kind, title, hash, text, language, etag, last_modified, indexed_at, next_refresh_at,
    refresh_hours, metadata
  )
  values (
    put_document.tenant, new.source_url, new.kind, new.title, new.hash, new.text, new.language, new.etag,
    new.last_modified, moment, new.next_refresh_at, new.refresh_hours, coalesce(new.metadata, '{}')
  )
  on conflict on constraint uq_source_documents_source_url do update
  set kind = excluded.kind, title = excluded.title, hash = excluded.hash, text = excluded.text,
      language = excluded.language, etag = excluded.etag, last_modified = excluded.last_modified,
      indexed_at = excluded.indexed_at, next_refresh_at = excluded.next_refresh_at,
      refresh_hours = excluded.refresh_hours, metadata = excluded.metadata, failure = null, failed_at = null, vanished_at = null
  returning * into new;
  delete from drafts.chunks as c where c.tenant_id = new.tenant_id and c.document_id = new.id;
  insert into drafts.chunks (tenant_id, document_id, position, heading, text, language, embedding)
  select
    new.tenant_id, new.id, c.position - 1, coalesce(c.chunk ->> 'heading', ''), c.chunk ->> 'text', new.language,
    decode(c.chunk ->> 'embedding', 'hex')
  from jsonb_array_elements(document -> 'chunks') with ordinality as c (chunk, position);
  insert into drafts.chunk_signatures (tenant_id, document_id, position, signature)
  select new.tenant_id, new.id, c.position - 1, ('x' || (c.chunk ->> 'signature'))::bit(256)
  from jsonb_array_elements(document -> 'chunks') with ordinality as c (chunk, position);
  return new.id;
end
$$;
revoke all on function drafts.put_document from public;
