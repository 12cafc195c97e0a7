-- Takes the columns and tables of 050 away. Two conversations of different channels may share an external_id since then:
-- the rollback stops (23505) until one of them is renamed.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'drafts'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop table drafts.settings, drafts.audit_positions;
drop index drafts.idx_learning_sample_created;
alter table drafts.draft_actions drop column code, drop column version, drop column digest;
alter table drafts.drafts
  drop constraint drafts_tokens_check,
  drop column version, drop column language, drop column topic, drop column confidence, drop column input_tokens,
  drop column output_tokens, drop column cost_usd, drop column instruction, drop column attachments,
  drop column priority, drop column due_at, drop column assignee_user_id, drop column snoozed_until,
  drop column locked_by, drop column locked_until, drop column edited_text, drop column edited_html,
  drop column edited_by, drop column edited_at, drop column escalated_by, drop column escalated_at,
  drop column escalated_reason;
alter table drafts.attachments drop column sha256, drop column note;
drop index drafts.idx_message_external;
alter table drafts.messages
  drop column received_at, drop column from_address, drop column reply_to, drop column automatic,
  drop column same_id_as, drop column author_user_id, drop column archived_at, drop column envelope_id,
  drop column delivery_state, drop column delivery_error, drop column delivered_at;
drop index drafts.idx_conversation_recent;
alter table drafts.conversations
  drop constraint uq_conversations_external_id,
  drop column customer_key, drop column reply_to, drop column last_message_at, drop column unanswered_id,
  drop column unanswered_since, drop column draft_at, drop column draft_instruction, drop column abstained_at,
  drop column abstained_reason, drop column closed_at,
  add constraint uq_conversations_external_id unique (tenant_id, external_id);
alter table drafts.channels drop column reply_tool_slug, drop column reply_account_id;
alter table drafts.users drop constraint uq_users_auth_subject, drop constraint users_auth_subject_check;
