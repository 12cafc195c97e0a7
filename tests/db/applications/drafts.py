"""The expected schema `drafts`, from a customer's message to the reply that a person approved."""

from tests.db.applications.application import Application

TABLES = {
    "users": """tenant_id uuid, id uuid, email text, display_name text, role text, auth_provider text,
            auth_subject text, created_at timestamptz, updated_at timestamptz""",
    "channels": """tenant_id uuid, id uuid, type text, external_id text, name text, metadata jsonb,
            created_at timestamptz, updated_at timestamptz, reply_tool_slug text?, reply_account_id text?""",
    "conversations": """tenant_id uuid, id uuid, channel_id uuid, external_id text, subject text?, status text,
            customer_email text?, customer_name text?, created_at timestamptz, updated_at timestamptz,
            customer_key text?, reply_to text?, last_message_at timestamptz, unanswered_id uuid?,
            unanswered_since timestamptz?, draft_at timestamptz?, draft_instruction text?, abstained_at timestamptz?,
            abstained_reason text?, closed_at timestamptz?, archived_at timestamptz?""",
    "messages": """tenant_id uuid, id uuid, conversation_id uuid, external_id text?, direction text,
            subject text?, body_text text, body_html text?, sent_at timestamptz, metadata jsonb,
            received_at timestamptz?, from_address text?, reply_to text?, automatic text?, same_id_as uuid?,
            author_user_id uuid?, archived_at timestamptz?, envelope_id uuid?, delivery_state text?,
            delivery_error text?, delivered_at timestamptz?""",
    "drafts": """tenant_id uuid, id uuid, conversation_id uuid, trigger_message_id uuid?, author_user_id uuid?,
            model_key text, prompt_version text, status text, suggested_text text, suggested_html text?,
            top_sources jsonb, created_at timestamptz, updated_at timestamptz, version integer, language text?,
            topic text?, confidence double precision?, input_tokens integer, output_tokens integer, cost_usd numeric,
            instruction text?, attachments jsonb, priority text, due_at timestamptz, assignee_user_id uuid?,
            snoozed_until timestamptz?, locked_by uuid?, locked_until timestamptz?, edited_text text?,
            edited_html text?, edited_by uuid?, edited_at timestamptz?, escalated_by uuid?,
            escalated_at timestamptz?, escalated_reason text?""",
    "draft_actions": """tenant_id uuid, id uuid, draft_id uuid, user_id uuid, type text, final_text text?,
            final_html text?, sent_msg_id text?, notes text?, diff_json jsonb?, created_at timestamptz,
            message_id uuid?, code text?, version integer?, digest text?""",
    "learning_samples": """tenant_id uuid, id uuid, draft_id uuid, action_id uuid, diff_json jsonb,
            embeddings_json jsonb?, created_at timestamptz""",
    "attachments": """tenant_id uuid, id uuid, message_id uuid, file_name text, mime_type text,
            size_bytes integer, file_url text, created_at timestamptz, sha256 text?, note text?""",
    "job_runs": """tenant_id uuid, id uuid, type text, status text, started_at timestamptz?,
            finished_at timestamptz?, error text?, metrics jsonb?, created_at timestamptz""",
    "source_documents": """tenant_id uuid, id uuid, source_url text, title text?, hash text?,
            indexed_at timestamptz?, next_refresh_at timestamptz?, metadata jsonb, kind text, text text?,
            language text?, etag text?, last_modified text?, failure text?, failed_at timestamptz?,
            vanished_at timestamptz?, refresh_hours integer?""",
    "chunks": """tenant_id uuid, document_id uuid, position integer, heading text, text text, language text?,
            embedding bytea, words tsvector""",
    "chunk_signatures": """tenant_id uuid, document_id uuid, position integer, signature bit(256)""",
    "goldens": """tenant_id uuid, id uuid, external_id text, question text, answer text, must_include jsonb,
            must_cite jsonb, topic text?, sources jsonb, last_verified date?, created_at timestamptz,
            updated_at timestamptz""",
    "corrections": """tenant_id uuid, id uuid, external_id text, patterns jsonb, question text?, answer text,
            sources jsonb, topic text?, status text, last_verified date?, decided_by text?, decided_at timestamptz?,
            metadata jsonb, created_at timestamptz, updated_at timestamptz""",
    "notifications": """tenant_id uuid, id uuid, user_id uuid?, type text, payload jsonb, read_at timestamptz?,
            created_at timestamptz""",
    "settings": """tenant_id uuid, quiet_seconds integer, due_low_minutes integer, due_normal_minutes integer,
            due_high_minutes integer, due_urgent_minutes integer, created_at timestamptz, updated_at timestamptz,
            archive_after_days integer?""",
    "audit_positions": """tenant_id uuid, seq bigint""",
    "mailbox_positions": """tenant_id uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint,
            created_at timestamptz, updated_at timestamptz""",
    "prompts": """tenant_id uuid, id uuid, version text, instructions text, status text, created_by text,
            created_at timestamptz, activated_by text?, activated_at timestamptz?""",
    "budgets": """tenant_id uuid, monthly_usd numeric, updated_at timestamptz""",
    "spending": """tenant_id uuid, month date, calls bigint, input_tokens bigint, output_tokens bigint,
            cost_usd numeric""",
    "model_calls": """tenant_id uuid, id uuid, conversation_id uuid?, model_key text, prompt_version text,
            input_tokens integer, output_tokens integer, cost_usd numeric, failure text?, created_at timestamptz""",
    "abstentions": """tenant_id uuid, id uuid, conversation_id uuid, message_id uuid?, reason text,
            created_at timestamptz""",
    "evaluations": """tenant_id uuid, id uuid, prompt_version text, model_key text, baseline jsonb, cases integer,
            passed integer, baseline_passed integer, worse integer, better integer, is_worse boolean, report jsonb,
            created_by text, created_at timestamptz""",
    "topic_rules": """tenant_id uuid, topic text, mode text, changed_by text, changed_at timestamptz,
            demoted_at timestamptz?""",
    "automatic_decisions": """tenant_id uuid, draft_id uuid, topic text, mode text, would_approve boolean,
            reason text, created_at timestamptz""",
    "erasures": """tenant_id uuid, id uuid, customer_sha256 text, counts jsonb, erased_by text,
            erased_at timestamptz""",
}
INDEXES = {
    "idx_channel_account_type": "btree (tenant_id, type)",
    "idx_conversation_account_status": "btree (tenant_id, status)",
    "idx_conversation_channel_created": "btree (tenant_id, channel_id, created_at)",
    "idx_message_conversation_sent": "btree (tenant_id, conversation_id, sent_at)",
    "idx_draft_conversation_status": "btree (tenant_id, conversation_id, status)",
    "idx_draft_status_created": "btree (tenant_id, status, created_at)",
    "idx_action_draft": "btree (tenant_id, draft_id)",
    "idx_action_user_created": "btree (tenant_id, user_id, created_at)",
    "uq_learning_samples_action_id": "btree (tenant_id, action_id)",
    "idx_attachment_message": "btree (tenant_id, message_id)",
    "idx_jobrun_account_type_created": "btree (tenant_id, type, created_at)",
    "chunks_words_idx": "gin (words)",
    "source_documents_due_idx": "btree (next_refresh_at, tenant_id) WHERE (next_refresh_at IS NOT NULL)",
    "source_documents_kind_idx": "btree (tenant_id, kind, source_url)",
    "corrections_status_idx": "btree (tenant_id, status, created_at)",
    "idx_notification_account_created": "btree (tenant_id, created_at)",
    "idx_notification_user_created": "btree (tenant_id, user_id, created_at)",
    "uq_conversations_external_id": "btree (tenant_id, channel_id, external_id)",
    "uq_users_auth_subject": "btree (tenant_id, auth_provider, auth_subject)",
    "idx_conversation_customer": "btree (tenant_id, customer_key, last_message_at, id)",
    "idx_draft_queue": "btree (tenant_id, due_at, id) WHERE (status = 'pending'::text)",
    "idx_message_unknown": "btree (tenant_id, id) WHERE (delivery_state = 'unknown'::text)",
    "idx_learning_sample_created": "btree (tenant_id, created_at, id)",
    "idx_action_created": "btree (tenant_id, created_at, id)",
    "idx_prompt_active": "btree (tenant_id) WHERE (status = 'active'::text)",
    "idx_abstention_created": "btree (tenant_id, created_at, id)",
    "idx_automatic_decision_topic": "btree (tenant_id, topic, created_at, draft_id)",
    "idx_erasure_customer": "btree (tenant_id, customer_sha256, erased_at)",
}
REFERENCES = {
    "conversations_channel_id_fkey": "channels",
    "mailbox_positions_channel_id_fkey": "channels",
    "messages_conversation_id_fkey": "conversations",
    "messages_same_id_as_fkey": "messages set null",
    "messages_author_user_id_fkey": "users set null",
    "drafts_conversation_id_fkey": "conversations",
    "drafts_assignee_user_id_fkey": "users set null",
    "drafts_trigger_message_id_fkey": "messages set null",
    "drafts_author_user_id_fkey": "users set null",
    "draft_actions_draft_id_fkey": "drafts",
    "draft_actions_user_id_fkey": "users",
    "draft_actions_message_id_fkey": "messages set null",
    "learning_samples_draft_id_fkey": "drafts",
    "learning_samples_action_id_fkey": "draft_actions",
    "attachments_message_id_fkey": "messages",
    "notifications_user_id_fkey": "users set null",
    "chunks_document_id_fkey": "source_documents cascade",
    "chunk_signatures_document_id_fkey": "chunks cascade",
    "model_calls_conversation_id_fkey": "conversations set null",
    "abstentions_conversation_id_fkey": "conversations cascade",
    "abstentions_message_id_fkey": "messages set null",
    "automatic_decisions_draft_id_fkey": "drafts cascade",
}
ROWS = """
insert into drafts.users (tenant_id, id, email, display_name, auth_provider, auth_subject)
values (%(tenant)s, '00000000-0000-4000-8000-000000000001', 'kim@example.com', 'Kim', 'oidc', 'kim');
insert into drafts.channels (tenant_id, id, type, external_id, name)
values (%(tenant)s, '00000000-0000-4000-8000-000000000002', 'email', 'inbox', 'Inbox');
insert into drafts.conversations (tenant_id, id, channel_id, external_id)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002', 'T-1');
insert into drafts.messages
  (tenant_id, id, conversation_id, external_id, direction, body_text, same_id_as, author_user_id)
values (%(tenant)s, '00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000003', 'M-1', 'inbound',
  'Where is my order?', '00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000001'),
  (%(tenant)s, '00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000003', 'M-0', 'inbound',
  'Hello', null, null);
insert into drafts.drafts
  (tenant_id, id, conversation_id, trigger_message_id, author_user_id, assignee_user_id, model_key, prompt_version,
   suggested_text)
values (%(tenant)s, '00000000-0000-4000-8000-000000000005', '00000000-0000-4000-8000-000000000003',
  '00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000001',
  '00000000-0000-4000-8000-000000000001', 'model', '1', 'On its way.');
insert into drafts.draft_actions (tenant_id, id, draft_id, user_id, type, diff_json, message_id)
values (%(tenant)s, '00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000005',
  '00000000-0000-4000-8000-000000000001', 'edit', '{"operations": []}', '00000000-0000-4000-8000-000000000004');
insert into drafts.learning_samples (tenant_id, id, draft_id, action_id, diff_json)
values (%(tenant)s, '00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000005',
  '00000000-0000-4000-8000-000000000006', '{"operations": []}');
insert into drafts.attachments (tenant_id, message_id, file_name, mime_type, size_bytes, file_url)
values (%(tenant)s, '00000000-0000-4000-8000-000000000004', 'a.png', 'image/png', 1, 'https://files.example/a');
insert into drafts.job_runs (tenant_id, type) values (%(tenant)s, 'crawl');
insert into drafts.source_documents (tenant_id, id, source_url, indexed_at)
values (%(tenant)s, '00000000-0000-4000-8000-000000000008', 'https://docs.example/1', '2026-01-05T09:00:00Z');
insert into drafts.chunks (tenant_id, document_id, position, text, embedding)
values (%(tenant)s, '00000000-0000-4000-8000-000000000008', 0, 'Parcels arrive on Monday.',
  decode(repeat('00', 512), 'hex'));
insert into drafts.chunk_signatures (tenant_id, document_id, position, signature)
values (%(tenant)s, '00000000-0000-4000-8000-000000000008', 0, 0::bit(256));
insert into drafts.goldens (tenant_id, external_id, question, answer)
values (%(tenant)s, 'g-1', 'When do parcels arrive?', 'On Monday.');
insert into drafts.corrections (tenant_id, external_id, patterns, answer)
values (%(tenant)s, 'c-1', '["parcel"]', 'On Monday.');
insert into drafts.notifications (tenant_id, user_id, type)
values (%(tenant)s, '00000000-0000-4000-8000-000000000001', 'Draft ready');
insert into drafts.settings (tenant_id) values (%(tenant)s);
insert into drafts.audit_positions (tenant_id, seq) values (%(tenant)s, 0);
insert into drafts.mailbox_positions (tenant_id, channel_id, folder, uidvalidity, uid)
values (%(tenant)s, '00000000-0000-4000-8000-000000000002', 'INBOX', 1, 1);
insert into drafts.prompts (tenant_id, version, instructions, created_by) values (%(tenant)s, 'v1', 'Be kind.', 'kim');
insert into drafts.budgets (tenant_id, monthly_usd) values (%(tenant)s, 20);
insert into drafts.spending (tenant_id, month, calls, input_tokens, output_tokens, cost_usd)
values (%(tenant)s, '2026-01-01', 1, 2, 3, 0.1);
insert into drafts.model_calls
  (tenant_id, conversation_id, model_key, prompt_version, input_tokens, output_tokens, cost_usd)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', 'model', 'v1', 2, 3, 0.1);
insert into drafts.abstentions (tenant_id, conversation_id, message_id, reason)
values (%(tenant)s, '00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000004', 'no passage');
insert into drafts.evaluations
  (tenant_id, prompt_version, model_key, baseline, cases, passed, baseline_passed, worse, better, is_worse, created_by)
values (%(tenant)s, 'v1', 'model', '{}', 1, 1, 1, 0, 0, false, 'kim');
insert into drafts.topic_rules (tenant_id, topic, mode, changed_by) values (%(tenant)s, 'returns', 'shadow', 'kim');
insert into drafts.automatic_decisions (tenant_id, draft_id, topic, mode, would_approve, reason)
values (%(tenant)s, '00000000-0000-4000-8000-000000000005', 'returns', 'shadow', true, 'every condition holds');
insert into drafts.erasures (tenant_id, customer_sha256, counts, erased_by, erased_at)
values (%(tenant)s, repeat('a', 64), '{}', 'kim', '2026-01-05T09:00:00Z');
"""
REFUSED_UPDATES = (
    ("update channels set type = 'fax'", "channels_type_check"),
    ("update channels set external_id = ''", "channels_external_id_check"),
    ("update conversations set external_id = repeat('x', 256)", "conversations_external_id_check"),
    ("update conversations set status = ''", "conversations_status_check"),
    ("update users set email = ''", "users_email_check"),
    ("update messages set direction = 'sideways'", "messages_direction_check"),
    ("update messages set external_id = repeat('é', 500)", "messages_external_id_check"),
    ("update drafts set status = 'approved'", "drafts_status_check"),
    ("update drafts set top_sources = '{}'", "drafts_top_sources_check"),
    ("update draft_actions set type = 'ignore'", "draft_actions_type_check"),
    ("update draft_actions set diff_json = '[]'", "draft_actions_diff_json_check"),
    ("update learning_samples set diff_json = '[]'", "learning_samples_diff_json_check"),
    ("update attachments set size_bytes = -1", "attachments_size_bytes_check"),
    ("update job_runs set type = 'sweep'", "job_runs_type_check"),
    ("update job_runs set status = 'done'", "job_runs_status_check"),
    ("update job_runs set metrics = '3'", "job_runs_metrics_check"),
    ("update source_documents set source_url = repeat('é', 1025)", "source_documents_source_url_check"),
    ("update source_documents set metadata = '[]'", "source_documents_metadata_check"),
    ("update source_documents set kind = 'book'", "source_documents_kind_check"),
    ("update source_documents set language = 'English'", "source_documents_language_check"),
    ("update source_documents set failure = 'gone'", "source_documents_failure_check"),
    ("update source_documents set indexed_at = null", "source_documents_known_check"),
    ("update chunks set position = -1", "chunks_position_check"),
    ("update chunks set text = repeat('x', 65537)", "chunks_text_check"),
    ("update chunks set heading = repeat('x', 1025)", "chunks_heading_check"),
    ("update chunks set embedding = ''", "chunks_embedding_check"),
    ("update goldens set external_id = ''", "goldens_external_id_check"),
    ("update goldens set question = ''", "goldens_question_check"),
    ("update goldens set answer = ''", "goldens_answer_check"),
    ("update goldens set topic = ''", "goldens_topic_check"),
    ("update goldens set must_include = '{}'", "goldens_must_include_check"),
    ("update goldens set must_cite = '{}'", "goldens_must_cite_check"),
    ("update goldens set sources = '{}'", "goldens_sources_check"),
    ("update corrections set external_id = ''", "corrections_external_id_check"),
    ("update corrections set status = 'active', decided_at = now()", "corrections_status_check"),
    ("update corrections set status = 'approved'", "corrections_decided_check"),
    ("update corrections set patterns = '{}'", "corrections_patterns_check"),
    ("update corrections set question = repeat('x', 16385)", "corrections_question_check"),
    ("update corrections set answer = ''", "corrections_answer_check"),
    ("update corrections set sources = '{}'", "corrections_sources_check"),
    ("update corrections set topic = ''", "corrections_topic_check"),
    ("update corrections set metadata = '[]'", "corrections_metadata_check"),
    ("update notifications set payload = '[]'", "notifications_payload_check"),
    ("update users set auth_subject = ''", "users_auth_subject_check"),
    ("update channels set reply_tool_slug = ''", "channels_reply_tool_slug_check"),
    ("update channels set reply_account_id = ''", "channels_reply_account_id_check"),
    ("update conversations set reply_to = repeat('x', 321)", "conversations_reply_to_check"),
    ("update messages set automatic = 'spam'", "messages_automatic_check"),
    ("update messages set delivery_state = 'bounced'", "messages_delivery_state_check"),
    ("update attachments set sha256 = 'abc'", "attachments_sha256_check"),
    ("update drafts set version = 0", "drafts_version_check"),
    ("update drafts set language = ''", "drafts_language_check"),
    ("update drafts set confidence = 1.01", "drafts_confidence_check"),
    ("update drafts set output_tokens = -1", "drafts_tokens_check"),
    ("update drafts set cost_usd = -1", "drafts_cost_usd_check"),
    ("update drafts set attachments = '{}'", "drafts_attachments_check"),
    ("update drafts set priority = 'soon'", "drafts_priority_check"),
    ("update draft_actions set code = 'ugly'", "draft_actions_code_check"),
    ("update settings set quiet_seconds = -1", "settings_quiet_seconds_check"),
    ("update settings set due_low_minutes = 0", "settings_due_check"),
    ("update mailbox_positions set folder = ''", "mailbox_positions_folder_check"),
    ("update mailbox_positions set uid = -1", "mailbox_positions_uid_check"),
    ("update prompts set version = 'default'", "prompts_version_check"),
    ("update prompts set instructions = repeat('x', 32769)", "prompts_instructions_check"),
    ("update prompts set status = 'active'", "prompts_activated_check"),
    ("update budgets set monthly_usd = -1", "budgets_monthly_usd_check"),
    ("update spending set month = '2026-01-02'", "spending_month_check"),
    ("update model_calls set cost_usd = -1", "model_calls_cost_usd_check"),
    ("update model_calls set input_tokens = -1", "model_calls_tokens_check"),
    ("update evaluations set worse = 2", "evaluations_counts_check"),
    ("update evaluations set report = '[]'", "evaluations_report_check"),
    ("update evaluations set baseline = '[]'", "evaluations_baseline_check"),
    ("update topic_rules set mode = 'on'", "topic_rules_mode_check"),
    ("update topic_rules set topic = ''", "topic_rules_topic_check"),
    ("update automatic_decisions set mode = 'off'", "automatic_decisions_mode_check"),
    ("update settings set archive_after_days = 0", "settings_archive_after_days_check"),
    ("update erasures set customer_sha256 = 'kim'", "erasures_customer_sha256_check"),
    ("update erasures set counts = '[]'", "erasures_counts_check"),
)

DRAFTS = Application(
    schema="drafts",
    tables=TABLES,
    indexes=INDEXES,
    references=REFERENCES,
    rows=ROWS,
    refused_updates=REFUSED_UPDATES,
)
