"""The expected schema `autopilot`, which workflow teams read and write with SQL."""

from tests.db.applications.application import ALL_VERBS, Application

TABLES = {
    "data_source_connections": """organization_id uuid, id uuid, connection_type text, latest_options jsonb,
            created_at timestamptz, updated_at timestamptz, name text?, is_enabled boolean,
            sync_every_minutes integer?, cursor jsonb?, last_sync_at timestamptz?, ids_listed_at timestamptz?""",
    "ml_models": """organization_id uuid, id uuid, external_model_id text, model_name text,
            training_start_date date?, training_end_date date?, metadata jsonb, active boolean,
            created_at timestamptz, updated_at timestamptz, activated_at timestamptz?, previous_model_id uuid?""",
    "clusters": """organization_id uuid, id uuid, model_id uuid, name text, subcluster_name text?, config jsonb,
            kb_status text, validation_target integer?, validation_current integer,
            created_at timestamptz, updated_at timestamptz, lineage_id uuid, label text?, examples jsonb,
            searched_version bigint?, auto_respond_at timestamptz?""",
    "tickets": """organization_id uuid, id uuid, cluster_id uuid?, data_source_connection_id uuid?,
            external_id text, subject text, external_status text, source_metadata jsonb,
            created_at timestamptz, updated_at timestamptz, description text?, priority text?, requester text?,
            assignee text?, resolution text?, source_created_at timestamptz?, source_updated_at timestamptz?,
            resolved_at timestamptz?, content_hash bigint?, classified_hash bigint?, score double precision?,
            response_state text?, response_envelope_id uuid?, verdict text?, verdict_by text?,
            verdict_at timestamptz?, verdict_lineage_id uuid?, vanished_at timestamptz?""",
    "analytics_cluster_daily": """organization_id uuid, cluster_id uuid, day date,
            total_tickets integer, automated_count integer, kb_gap_count integer,
            created_at timestamptz, updated_at timestamptz""",
    "ingestion_runs": """organization_id uuid, id uuid, data_source_connection_id uuid?, started_by text?,
            status text, records_processed integer, records_failed integer, error_message text?, error_detail jsonb?,
            completed_at timestamptz?, created_at timestamptz, updated_at timestamptz, kind text,
            started_at timestamptz?, records_estimated integer?, cursor jsonb?, batches integer, worker_id text?,
            lease_until timestamptz?, lease_token integer, envelope_id uuid?, attempts integer""",
    "knowledge_articles": """organization_id uuid, id uuid, cluster_id uuid?, external_id text, title text,
            url text?, relevance_score double precision?, status text,
            created_at timestamptz, updated_at timestamptz, content text?, source text?, content_hash bigint?,
            indexed_hash bigint?""",
    "article_clusters": """organization_id uuid, article_id uuid, cluster_id uuid, score double precision?,
            created_at timestamptz, is_found boolean""",
    "article_passages": """organization_id uuid, article_id uuid, position integer, heading text, text text,
            language text?, embedding bytea, signature bit(256), is_active boolean, words tsvector,
            created_at timestamptz""",
    "article_drafts": """organization_id uuid, id uuid, cluster_id uuid?, lineage_id uuid, title text, content text,
            ticket_count integer, status text, problem text?, envelope_id uuid, article_id uuid?, drafted_by text,
            created_at timestamptz, settled_at timestamptz?""",
    "knowledge_versions": "organization_id uuid, version bigint",
    "ticket_counts": """organization_id uuid, id uuid, cluster_id uuid?, external_status text, tickets integer""",
    "cluster_proposal_tickets": "organization_id uuid, proposal_id uuid, ticket_id uuid, lineage_id uuid?",
    "cluster_predecessors": """organization_id uuid, cluster_id uuid, predecessor_lineage_id uuid, kind text,
            shared_tickets integer, created_at timestamptz""",
    "cluster_centroids": """organization_id uuid, cluster_id uuid, centroid bytea, floor double precision,
            cohesion double precision, created_at timestamptz""",
    "cluster_members": """organization_id uuid, model_id uuid, ticket_id uuid, cluster_id uuid,
            score double precision?, created_at timestamptz""",
    "cluster_proposals": """organization_id uuid, id uuid, model_id uuid, kind text, content jsonb, status text,
            decided_by text?, decided_at timestamptz?, created_at timestamptz""",
    "ticket_pins": """organization_id uuid, ticket_id uuid, lineage_id uuid, pinned_by text, created_at timestamptz""",
    "cannot_links": """organization_id uuid, lineage_a uuid, lineage_b uuid, set_by text, created_at timestamptz""",
    "dry_runs": """organization_id uuid, id uuid, cluster_id uuid, lineage_id uuid, basis text, status text,
            started_by text?, cases integer, done integer, answered integer, similarity double precision?,
            error_message text?, worker_id text?, lease_until timestamptz?, lease_token integer, created_at timestamptz,
            started_at timestamptz?, completed_at timestamptz?""",
    "dry_run_cases": """organization_id uuid, dry_run_id uuid, place integer, ticket_id uuid, answer text?,
            article_id uuid?, score double precision?, similarity double precision?, reason text?,
            done_at timestamptz?""",
    "responses": """organization_id uuid, ticket_id uuid, lineage_id uuid, state text, article_id uuid?, answer text?,
            score double precision?, reason text?, created_at timestamptz, settled_at timestamptz?""",
    "audit_positions": """organization_id uuid, seq bigint""",
    "message_processing_failures": """organization_id uuid, id uuid, source text, run_id uuid?, external_id text?,
            code text, detail text, payload jsonb?, created_at timestamptz, redriven_at timestamptz?,
            redriven_by text?, redrive_requested_at timestamptz?, redrive_requested_by text?,
            dismissed_at timestamptz?, dismissed_by text?""",
    "settings": """organization_id uuid, needed_tickets integer, validation_target integer, trusted_percent integer,
            run_hours integer, sync_tool_slug text?, status_tool_slug text?, cluster_tool_slug text?,
            enrichment_tool_slug text?, created_at timestamptz, updated_at timestamptz, article_tool_slug text?,
            response_tool_slug text?, minutes_per_ticket integer, cost_per_hour numeric(10,2)""",
    "received_messages": """organization_id uuid, key text, queue text, seq bigint?, subject_id uuid?, payload jsonb?,
            created_at timestamptz""",
    "burst_alerts": """organization_id uuid, id uuid, lineage_id uuid?, cluster_id uuid?, status text,
            started_at timestamptz, seen_at timestamptz, window_minutes integer, tickets integer,
            expected double precision, probability double precision, acknowledged_at timestamptz?,
            acknowledged_by text?, ended_at timestamptz?, created_at timestamptz, updated_at timestamptz""",
    "cluster_times": """organization_id uuid, cluster_id uuid, usual_hours double precision,
            resolved_tickets integer, computed_at timestamptz""",
    "model_calls": """organization_id uuid, id uuid, purpose text, model_key text, input_tokens integer,
            output_tokens integer, cost_usd numeric(12,6), failure text?, created_at timestamptz""",
    "value_mappings": """organization_id uuid, connection_type text, field text, source_value text, value text,
            created_at timestamptz, updated_at timestamptz""",
}
OURS = {
    "settings", "value_mappings", "article_clusters", "cluster_predecessors", "cluster_centroids", "cluster_members",
    "cluster_proposals", "ticket_pins", "cannot_links", "dry_runs", "dry_run_cases", "responses",
    "audit_positions", "received_messages", "burst_alerts", "cluster_times", "article_passages", "article_drafts",
    "knowledge_versions", "ticket_counts", "cluster_proposal_tickets", "model_calls",
}  # fmt: skip
"""Tables that workflows only read."""
INDEXES = {
    "uq_clusters_org_model_name_subcluster": (
        "btree (organization_id, model_id, name, COALESCE(subcluster_name, ''::text))"
    ),
    "idx_clusters_model_id": "btree (model_id)",
    "idx_ml_models_active": "btree (organization_id, active) WHERE active",
    "uq_ml_models_external_id_org": "btree (organization_id, external_model_id)",
    "uq_tickets_external_id_org": "btree (organization_id, external_id)",
    "uq_knowledge_articles_external_id_org": "btree (organization_id, external_id)",
    "uq_data_source_connections_name": "btree (organization_id, name)",
    "analytics_cluster_daily_pkey": "btree (organization_id, cluster_id, day)",
}
REFERENCES = {
    "clusters_model_id_fkey": "ml_models cascade",
    "tickets_cluster_id_fkey": "clusters set null",
    "tickets_data_source_connection_id_fkey": "data_source_connections set null",
    "analytics_cluster_daily_cluster_id_fkey": "clusters cascade",
    "ingestion_runs_data_source_connection_id_fkey": "data_source_connections set null",
    "knowledge_articles_cluster_id_fkey": "clusters set null",
    "ml_models_previous_model_id_fkey": "ml_models set null",
    "article_clusters_article_id_fkey": "knowledge_articles cascade",
    "article_clusters_cluster_id_fkey": "clusters cascade",
    "cluster_proposal_tickets_proposal_id_fkey": "cluster_proposals cascade",
    "cluster_proposal_tickets_ticket_id_fkey": "tickets cascade",
    "article_passages_article_id_fkey": "knowledge_articles cascade",
    "article_drafts_cluster_id_fkey": "clusters set null",
    "article_drafts_article_id_fkey": "knowledge_articles set null",
    "cluster_predecessors_cluster_id_fkey": "clusters cascade",
    "cluster_centroids_cluster_id_fkey": "clusters cascade",
    "cluster_members_model_id_fkey": "ml_models cascade",
    "cluster_members_ticket_id_fkey": "tickets cascade",
    "cluster_members_cluster_id_fkey": "clusters cascade",
    "cluster_proposals_model_id_fkey": "ml_models cascade",
    "ticket_pins_ticket_id_fkey": "tickets cascade",
    "dry_runs_cluster_id_fkey": "clusters cascade",
    "dry_run_cases_dry_run_id_fkey": "dry_runs cascade",
    "dry_run_cases_ticket_id_fkey": "tickets cascade",
    "dry_run_cases_article_id_fkey": "knowledge_articles set null",
    "responses_ticket_id_fkey": "tickets cascade",
    "responses_article_id_fkey": "knowledge_articles set null",
    "message_processing_failures_run_id_fkey": "ingestion_runs set null",
    "burst_alerts_cluster_id_fkey": "clusters set null",
    "cluster_times_cluster_id_fkey": "clusters cascade",
}
ROWS = """
insert into autopilot.data_source_connections (organization_id, id, connection_type)
values (%(tenant)s, 'cccccccc-0000-4000-8000-000000000000', 'jira');
insert into autopilot.ml_models (organization_id, id, external_model_id, model_name, active)
values (%(tenant)s, 'eeeeeeee-0000-4000-8000-000000000000', 'm1', 'Model one', true);
insert into autopilot.clusters (organization_id, id, model_id, name)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', 'eeeeeeee-0000-4000-8000-000000000000', 'Network');
insert into autopilot.tickets
  (organization_id, id, cluster_id, data_source_connection_id, external_id, subject, external_status)
values
  (%(tenant)s, 'aaaaaaaa-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'cccccccc-0000-4000-8000-000000000000', 'INC-1', 'No network', 'open');
insert into autopilot.analytics_cluster_daily (organization_id, cluster_id, day, total_tickets)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', '2026-01-05', 1);
insert into autopilot.ingestion_runs (organization_id, id, data_source_connection_id)
values (%(tenant)s, 'ffffffff-0000-4000-8000-000000000000', 'cccccccc-0000-4000-8000-000000000000');
insert into autopilot.knowledge_articles (organization_id, id, cluster_id, external_id, title)
values
  (%(tenant)s, 'bbbbbbbb-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'KB-1', 'Is it plugged in?');
insert into autopilot.message_processing_failures (organization_id, id, source, run_id, code)
values
  (%(tenant)s, 'abababab-0000-4000-8000-000000000000', 'cccccccc-0000-4000-8000-000000000000',
   'ffffffff-0000-4000-8000-000000000000', 'subject_missing');
insert into autopilot.received_messages (organization_id, key, queue)
values (%(tenant)s, 'm1', 'cluster_notification');
insert into autopilot.burst_alerts
  (organization_id, id, cluster_id, started_at, seen_at, window_minutes, tickets, expected, probability)
values
  (%(tenant)s, 'bababab0-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000', now(), now(), 10, 9, 0.5,
   0);
insert into autopilot.cluster_times (organization_id, cluster_id, usual_hours, resolved_tickets)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', 8, 10);
insert into autopilot.model_calls (organization_id, id, purpose, model_key, input_tokens, output_tokens, cost_usd)
values (%(tenant)s, 'cacacaca-0000-4000-8000-000000000000', 'article', 'small-1', 100, 20, 0.01);
insert into autopilot.settings (organization_id) values (%(tenant)s);
insert into autopilot.value_mappings (organization_id, connection_type, field, source_value, value)
values (%(tenant)s, 'jira', 'status', 'done', 'closed');
insert into autopilot.ml_models (organization_id, id, external_model_id, model_name, previous_model_id)
values
  (%(tenant)s, 'edededed-0000-4000-8000-000000000000', 'm0', 'Model none', 'eeeeeeee-0000-4000-8000-000000000000');
update autopilot.ml_models set previous_model_id = 'edededed-0000-4000-8000-000000000000' where active;
insert into autopilot.cluster_predecessors (organization_id, cluster_id, predecessor_lineage_id, kind)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000', 'same');
insert into autopilot.cluster_centroids (organization_id, cluster_id, centroid, floor, cohesion)
values (%(tenant)s, 'dddddddd-0000-4000-8000-000000000000', '\\x00', 0.5, 0.8);
insert into autopilot.cluster_members (organization_id, model_id, ticket_id, cluster_id)
values
  (%(tenant)s, 'eeeeeeee-0000-4000-8000-000000000000', 'aaaaaaaa-0000-4000-8000-000000000000',
   'dddddddd-0000-4000-8000-000000000000');
insert into autopilot.cluster_proposals (organization_id, id, model_id, kind, content)
values
  (%(tenant)s, 'bebebebe-0000-4000-8000-000000000000', 'eeeeeeee-0000-4000-8000-000000000000', 'merge', '{}');
insert into autopilot.cluster_proposal_tickets (organization_id, proposal_id, ticket_id)
values
  (%(tenant)s, 'bebebebe-0000-4000-8000-000000000000', 'aaaaaaaa-0000-4000-8000-000000000000');
insert into autopilot.ticket_pins (organization_id, ticket_id, lineage_id, pinned_by)
values
  (%(tenant)s, 'aaaaaaaa-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000', 'rita');
insert into autopilot.article_passages
  (organization_id, article_id, position, heading, text, embedding, signature, is_active)
values
  (%(tenant)s, 'bbbbbbbb-0000-4000-8000-000000000000', 0, 'Is it plugged in?', '', decode(repeat('00', 512), 'hex'),
   0::bit(256), true);
insert into autopilot.article_drafts
  (organization_id, id, cluster_id, lineage_id, title, content, ticket_count, envelope_id, drafted_by, article_id)
values
  (%(tenant)s, 'cbcbcbcb-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'dddddddd-0000-4000-8000-000000000000', 'No network', 'Plug it in.', 1, 'acacacac-0000-4000-8000-000000000000',
   'rita', 'bbbbbbbb-0000-4000-8000-000000000000');
insert into autopilot.knowledge_versions (organization_id, version) values (%(tenant)s, 1);
insert into autopilot.cannot_links (organization_id, lineage_a, lineage_b, set_by)
values
  (%(tenant)s, 'bbbbbbbb-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000', 'rita');
insert into autopilot.dry_runs (organization_id, id, cluster_id, lineage_id, basis, cases)
values
  (%(tenant)s, 'adadadad-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'dddddddd-0000-4000-8000-000000000000', 'none', 10);
insert into autopilot.dry_run_cases (organization_id, dry_run_id, place, ticket_id, article_id)
values
  (%(tenant)s, 'adadadad-0000-4000-8000-000000000000', 1, 'aaaaaaaa-0000-4000-8000-000000000000',
   'bbbbbbbb-0000-4000-8000-000000000000');
insert into autopilot.audit_positions (organization_id, seq) values (%(tenant)s, 0);
insert into autopilot.responses (organization_id, ticket_id, lineage_id, state, article_id)
values
  (%(tenant)s, 'aaaaaaaa-0000-4000-8000-000000000000', 'dddddddd-0000-4000-8000-000000000000',
   'queued', 'bbbbbbbb-0000-4000-8000-000000000000');
"""
REFUSED_UPDATES = (
    ("update clusters set kb_status = 'MAYBE'", "clusters_kb_status_check"),
    ("update clusters set kb_status = 'found'", "clusters_kb_status_check"),
    ("update clusters set name = ''", "clusters_name_check"),
    ("update clusters set name = repeat('é', 256)", "clusters_name_check"),
    ("update clusters set subcluster_name = repeat('é', 256)", "clusters_subcluster_name_check"),
    ("update clusters set config = '[]'", "clusters_config_check"),
    ("update clusters set config = jsonb_build_object('x', repeat('y', 65536))", "clusters_config_check"),
    ("update clusters set validation_target = -1", "clusters_validation_target_check"),
    ("update clusters set validation_current = -1", "clusters_validation_current_check"),
    ("update tickets set external_id = ''", "tickets_external_id_check"),
    ("update tickets set source_metadata = '[]'", "tickets_source_metadata_check"),
    (
        "update tickets set source_metadata = jsonb_build_object('x', repeat('y', 1048576))",
        "tickets_source_metadata_check",
    ),
    ("update ml_models set external_model_id = repeat('x', 256)", "ml_models_external_model_id_check"),
    ("update ml_models set metadata = '3'", "ml_models_metadata_check"),
    (
        "update ml_models set training_start_date = '2026-02-01', training_end_date = '2026-01-01'",
        "ml_models_training_check",
    ),
    ("update ingestion_runs set status = 'done'", "ingestion_runs_status_check"),
    ("update ingestion_runs set completed_at = now()", "ingestion_runs_completed_check"),
    ("update ingestion_runs set records_failed = -1", "ingestion_runs_records_check"),
    ("update ingestion_runs set error_detail = '[]'", "ingestion_runs_error_detail_check"),
    ("update knowledge_articles set relevance_score = 1.01", "knowledge_articles_relevance_score_check"),
    ("update knowledge_articles set relevance_score = 'NaN'", "knowledge_articles_relevance_score_check"),
    ("update knowledge_articles set status = 'gone'", "knowledge_articles_status_check"),
    ("update knowledge_articles set external_id = ''", "knowledge_articles_external_id_check"),
    (
        "update data_source_connections set connection_type = 'zendesk'",
        "data_source_connections_connection_type_check",
    ),
    ("update data_source_connections set latest_options = '[]'", "data_source_connections_latest_options_check"),
    ("update data_source_connections set sync_every_minutes = 0", "data_source_connections_sync_every_minutes_check"),
    ("update data_source_connections set cursor = '3'", "data_source_connections_cursor_check"),
    ("update ingestion_runs set kind = 'other'", "ingestion_runs_kind_check"),
    ("update tickets set verdict = 'trusted'", "tickets_verdict_complete_check"),
    ("update tickets set response_state = 'done'", "tickets_response_state_check"),
    ("update dry_runs set status = 'done'", "dry_runs_status_check"),
    ("update dry_runs set done = 11", "dry_runs_counts_check"),
    ("update dry_run_cases set similarity = 1.01", "dry_run_cases_similarity_check"),
    ("update responses set score = 1.01", "responses_score_check"),
    ("update responses set state = 'done'", "responses_state_check"),
    ("update message_processing_failures set code = 'Not a code'", "message_processing_failures_code_check"),
    ("update cluster_predecessors set kind = 'other'", "cluster_predecessors_kind_check"),
    ("update cluster_proposals set status = 'accepted'", "cluster_proposals_decided_check"),
    ("update cannot_links set lineage_b = lineage_a", "cannot_links_order_check"),
    ("update article_clusters set score = 1.01", "article_clusters_score_check"),
    ("update settings set trusted_percent = 101", "settings_trusted_percent_check"),
    ("update received_messages set seq = 1", "received_messages_complete_check"),
    ("update received_messages set queue = 'other'", "received_messages_queue_check"),
    ("update burst_alerts set status = 'acknowledged'", "burst_alerts_acknowledged_check"),
    ("update burst_alerts set ended_at = now()", "burst_alerts_ended_check"),
    ("update cluster_times set resolved_tickets = 0", "cluster_times_counts_check"),
    ("update model_calls set purpose = 'other'", "model_calls_purpose_check"),
    ("update model_calls set cost_usd = -1", "model_calls_cost_usd_check"),
    ("update value_mappings set value = 'done'", "value_mappings_value_check"),
    ("update analytics_cluster_daily set automated_count = -1", "analytics_cluster_daily_counts_check"),
)

AUTOPILOT = Application(
    schema="autopilot",
    tables=TABLES,
    indexes=INDEXES,
    references=REFERENCES,
    rows=ROWS,
    refused_updates=REFUSED_UPDATES,
    tenant_column="organization_id",
    views=("organizations",),
    other_rights={
        "workflow_rw": dict.fromkeys(TABLES, frozenset({"select", "insert", "update"}))
        # it may update some columns of a run
        | {"data_source_connections": {"select"}, "ingestion_runs": {"select"}}
        | {"message_processing_failures": {"select", "insert"}}
        | dict.fromkeys(OURS, frozenset({"select"})),
        # a role that creates tenants through the view may also create them in the table
        "service_role": {"organizations": ALL_VERBS},
        "authenticated": {"organizations": {"select"}},
        "app_rw": {"organizations": {"select"}},
        "app_ro": {"organizations": {"select"}},
    },
)
