-- The indexes of before, and the planner expects two rows of a tenant again, from the next ANALYZE on.
drop index autopilot.idx_tickets_data_source_connection_id, autopilot.idx_tickets_newest, autopilot.idx_tickets_opened,
  autopilot.idx_tickets_unresolved, autopilot.idx_tickets_unresolved_of_cluster,
  autopilot.idx_tickets_awaiting_response, autopilot.idx_tickets_resolved,
  autopilot.idx_analytics_cluster_daily_figures;
create index idx_tickets_day on autopilot.tickets (
  organization_id, cluster_id, ((coalesce(source_created_at, created_at) at time zone 'UTC')::date)
);
create index idx_tickets_cluster_id on autopilot.tickets (organization_id, cluster_id);
create index idx_tickets_newest on autopilot.tickets (organization_id, coalesce(source_created_at, created_at), id);
create index idx_tickets_data_source_connection_id on autopilot.tickets (organization_id, data_source_connection_id);
create index idx_tickets_newest_of_cluster
  on autopilot.tickets (organization_id, cluster_id, coalesce(source_created_at, created_at), id);
create index idx_tickets_opened on autopilot.tickets (
  organization_id, cluster_id, (case when source_created_at is null then created_at else source_created_at end)
);
create index idx_tickets_unresolved on autopilot.tickets (
  organization_id, (case when source_created_at is null then created_at else source_created_at end), id
) where resolved_at is null;
create index idx_tickets_unresolved_of_cluster on autopilot.tickets (
  organization_id, cluster_id, (case when source_created_at is null then created_at else source_created_at end), id
) where resolved_at is null;
create index idx_tickets_awaiting_response
  on autopilot.tickets (organization_id, cluster_id, created_at, id)
  where response_state is null and resolved_at is null;
create index idx_tickets_resolved on autopilot.tickets (organization_id, cluster_id, resolved_at, id)
where resolved_at is not null and resolution is not null;
do $$
declare
  t text;
begin
  foreach t in array array[
    'tickets', 'cluster_members', 'analytics_cluster_daily', 'clusters', 'cluster_centroids', 'cluster_times',
    'cluster_predecessors', 'cluster_proposals', 'cluster_proposal_tickets', 'cannot_links', 'ticket_pins',
    'ticket_counts', 'knowledge_articles', 'article_clusters', 'article_passages', 'dry_runs', 'dry_run_cases'
  ] loop
    execute format('alter table autopilot.%I alter column organization_id set (n_distinct = -0.5)', t);
  end loop;
end
$$;
