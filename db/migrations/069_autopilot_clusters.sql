-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
--
-- Autopilot: tickets are classified when they come in. docs/decisions/067-people-decide-about-clusters.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- A ticket that was compared with the active model and joined no cluster waits for the next training. It is not compared
-- again. A cluster that a workflow wrote, without a hash, stays.
create index idx_tickets_to_classify on autopilot.tickets (organization_id, id)
where classified_hash is distinct from content_hash and (cluster_id is null or classified_hash is not null);
drop index autopilot.idx_tickets_unclassified;
