-- squawk-ignore-file ban-drop-function, constraint-missing-not-valid
-- Drafts: each page keeps the interval at which it is read again.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table drafts.source_documents add column refresh_hours integer;
alter table drafts.source_documents
  add constraint source_documents_refresh_hours_check check (refresh_hours between 1 and 8760) not valid;
comment on column drafts.source_documents.refresh_hours is
  'A page is read again so many hours after it was read. Null: 24 hours, or no page.';
alter table drafts.source_documents alter column refresh_hours set statistics 0;
grant select (refresh_hours) on drafts.source_documents to authenticated;

-- It takes the interval; db/functions creates it again.
drop function if exists drafts.mark_document_failed;
