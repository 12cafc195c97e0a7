-- Takes the table, index and functions of 056 away. Mailboxes are read anew afterwards, which imports nothing twice.
drop function drafts.read_mailbox_position, drafts.save_mailbox_position, drafts.list_unknown_replies;
drop table drafts.mailbox_positions;
drop index drafts.idx_message_unknown;
