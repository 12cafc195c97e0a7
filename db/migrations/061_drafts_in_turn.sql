-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
-- Drafts: find the waiting conversations of each tenant, and the drafts of one assignee.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create index idx_conversation_tenant_draft_at on drafts.conversations (tenant_id, draft_at, id)
where draft_at is not null;

drop index if exists drafts.idx_draft_assignee;
create index idx_draft_assignee on drafts.drafts (tenant_id, assignee_user_id) where assignee_user_id is not null;
create index idx_draft_assignee_queue on drafts.drafts (tenant_id, assignee_user_id, due_at, id)
where status = 'pending' and assignee_user_id is not null;
