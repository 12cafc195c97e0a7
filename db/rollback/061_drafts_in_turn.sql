-- The drafts of one assignee are found by the index of 050 again.
drop index if exists drafts.idx_conversation_tenant_draft_at, drafts.idx_draft_assignee_queue, drafts.idx_draft_assignee;
create index idx_draft_assignee on drafts.drafts (tenant_id, assignee_user_id, due_at, id);
