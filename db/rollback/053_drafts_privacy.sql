drop function if exists drafts.archive_conversations, drafts.export_customer,
  drafts.erase_customer, drafts.customer_key, app_private.erase_arguments;
drop table drafts.erasures;
drop index drafts.idx_message_from_address, drafts.idx_conversation_to_archive;
alter table drafts.conversations drop column archived_at;
alter table drafts.settings drop column archive_after_days;
