-- Takes the counts of tickets and the tickets of proposals away; the proposals stay.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop trigger count_new_tickets on autopilot.tickets;
drop trigger count_changed_tickets on autopilot.tickets;
drop trigger count_lost_tickets on autopilot.tickets;
drop function app_private.add_ticket_counts();
drop table autopilot.ticket_counts, autopilot.cluster_proposal_tickets;
drop index autopilot.idx_cluster_proposals_status, autopilot.idx_tickets_newest, autopilot.idx_tickets_newest_of_cluster;
create index idx_tickets_recent on autopilot.tickets (organization_id, source_created_at, id);
create index idx_tickets_unclassified on autopilot.tickets (organization_id, id)
where cluster_id is null or classified_hash is distinct from content_hash;
drop index autopilot.idx_tickets_to_classify;
