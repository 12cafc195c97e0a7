-- Takes the drafts schema away again, with everything of ours in it. Nothing here says cascade: what somebody built on
-- it stops the rollback instead.
drop table
  drafts.attachments, drafts.channels, drafts.conversations, drafts.draft_actions, drafts.drafts, drafts.job_runs,
  drafts.learning_samples, drafts.messages, drafts.notifications, drafts.source_documents, drafts.users;
drop schema drafts;
