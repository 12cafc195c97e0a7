-- Takes the rca schema away again, with everything of ours in it. Nothing here says cascade: what somebody built on
-- it stops the rollback instead.
drop table
  rca.business_labels, rca.clarification_answers, rca.clarification_questions, rca.clarification_sessions,
  rca.compiled_intents, rca.entities, rca.exceptions, rca.identity_mappings, rca.knowledge_relationships,
  rca.knowledge_table_mappings, rca.knowledge_terms, rca.lineage_edges, rca.metrics, rca.rca_findings,
  rca.rca_queries, rca.rca_results, rca.rules, rca.tables, rca.time_rules, rca.traversal_findings,
  rca.traversal_nodes, rca.traversal_path, rca.traversal_sessions;
drop schema rca;
