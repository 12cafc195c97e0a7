-- Takes the autopilot schema away again, with everything of ours in it. Nothing here says cascade: what somebody built on
-- it stops the rollback instead.
drop view autopilot.organizations;
drop table
  autopilot.analytics_cluster_daily, autopilot.clusters, autopilot.data_source_connections, autopilot.ingestion_runs,
  autopilot.knowledge_articles, autopilot.ml_models, autopilot.tickets;
drop schema autopilot;
