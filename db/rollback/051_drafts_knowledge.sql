-- Takes the knowledge of drafts away. Documents that could never be read go too: before, every document had been read.
drop function if exists drafts.search_chunks, drafts.find_documents, drafts.list_answered, drafts.save_documents, drafts.mark_document_failed,
  drafts.mark_documents_vanished, drafts.list_documents, drafts.due_documents, drafts.save_goldens,
  drafts.list_goldens, drafts.delete_golden, drafts.propose_correction, drafts.approve_correction,
  drafts.retire_correction, drafts.list_corrections, drafts.start_import, drafts.finish_import, drafts.list_imports,
  drafts.put_document;
drop table drafts.chunk_signatures, drafts.chunks, drafts.goldens, drafts.corrections;
drop index drafts.source_documents_due_idx, drafts.source_documents_kind_idx;
delete from drafts.source_documents where indexed_at is null;
alter table drafts.source_documents
  drop column kind, drop column text, drop column language, drop column etag, drop column last_modified,
  drop column failure, drop column failed_at, drop column vanished_at,
  alter column indexed_at set not null;
comment on column drafts.source_documents.hash is null;
comment on column drafts.source_documents.indexed_at is null;
