-- Takes lineages, centroids, proposals and pins away; clusters and models stay.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop table autopilot.cluster_predecessors, autopilot.cluster_centroids, autopilot.cluster_members,
  autopilot.cluster_proposals, autopilot.ticket_pins, autopilot.cannot_links;
drop index autopilot.idx_tickets_day;
alter table autopilot.clusters drop column lineage_id, drop column label, drop column examples;
alter table autopilot.ml_models drop column activated_at, drop column previous_model_id;
