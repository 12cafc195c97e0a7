drop function if exists drafts.mark_document_failed;
alter table drafts.source_documents drop column refresh_hours;
