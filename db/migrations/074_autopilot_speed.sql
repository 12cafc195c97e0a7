-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
--
-- Autopilot: indexes for open tickets, and how many rows of a tenant the planner expects.
-- docs/decisions/071-a-million-tickets-of-a-tenant.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '10min';

do $$
declare
  t text;
begin
  foreach t in array array['tickets', 'cluster_members', 'analytics_cluster_daily'] loop   -- ten thousand
    execute format('alter table autopilot.%I alter column organization_id set (n_distinct = -0.0001)', t);
  end loop;
  foreach t in array array[   -- a hundred
    'clusters', 'cluster_centroids', 'cluster_times', 'cluster_predecessors', 'cluster_proposals',
    'cluster_proposal_tickets', 'cannot_links', 'ticket_pins', 'ticket_counts', 'knowledge_articles', 'article_clusters',
    'article_passages', 'dry_runs', 'dry_run_cases'
  ] loop
    execute format('alter table autopilot.%I alter column organization_id set (n_distinct = -0.01)', t);
  end loop;
end
$$;

-- The tickets of a connection in the order of their numbers.
drop index autopilot.idx_tickets_data_source_connection_id;
create index idx_tickets_data_source_connection_id
  on autopilot.tickets (organization_id, data_source_connection_id, external_id);

-- Tickets by the time at which they were opened: all of a tenant, and those of a cluster, for which there were two
-- indexes. The expression is a CASE, because row-level security keeps coalesce() out of an index. Both times are
-- included, so that the tickets of a cluster can be counted without their rows. It serves days and the foreign key too.
drop index autopilot.idx_tickets_newest, autopilot.idx_tickets_newest_of_cluster, autopilot.idx_tickets_opened,
  autopilot.idx_tickets_cluster_id, autopilot.idx_tickets_day;
create index idx_tickets_newest on autopilot.tickets (
  organization_id, (case when source_created_at is null then created_at else source_created_at end), id
);
create index idx_tickets_opened on autopilot.tickets (
  organization_id, cluster_id, (case when source_created_at is null then created_at else source_created_at end), id
) include (source_created_at, created_at);

-- Tickets without a resolution, by their status, so that those that are closed by their status alone are not read.
-- A status can be too long for an index, and row-level security keeps left() out of one; md5() may be used. The first
-- condition about the cluster is written so that the planner takes this index only for lists of all clusters.
drop index autopilot.idx_tickets_unresolved, autopilot.idx_tickets_unresolved_of_cluster,
  autopilot.idx_tickets_awaiting_response;
create index idx_tickets_unresolved on autopilot.tickets (
  organization_id, md5(external_status),
  (case when source_created_at is null then created_at else source_created_at end), id
) where resolved_at is null and resolution is null and (cluster_id is null) is false;
create index idx_tickets_unresolved_of_cluster on autopilot.tickets (
  organization_id, cluster_id, md5(external_status),
  (case when source_created_at is null then created_at else source_created_at end), id
) where resolved_at is null and resolution is null;
create index idx_tickets_awaiting_response on autopilot.tickets (
  organization_id, cluster_id, md5(external_status), least(created_at, source_created_at), id
) where response_state is null and resolved_at is null and resolution is null;

-- The tickets of a cluster that were resolved last, also those without a text. The times are included, so that it can be
-- measured how long they took without their rows.
drop index autopilot.idx_tickets_resolved;
create index idx_tickets_resolved on autopilot.tickets (organization_id, cluster_id, resolved_at, id)
include (source_created_at, created_at) where resolved_at is not null;

-- The trend of all clusters adds up the days without their rows.
create index idx_analytics_cluster_daily_figures on autopilot.analytics_cluster_daily (organization_id, day)
include (cluster_id, total_tickets, automated_count, kb_gap_count) where total_tickets > 0;
