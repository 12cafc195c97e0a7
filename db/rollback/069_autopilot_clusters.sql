-- Takes the index of tickets to classify away.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
create index idx_tickets_unclassified on autopilot.tickets (organization_id, id)
where cluster_id is null or classified_hash is distinct from content_hash;
drop index autopilot.idx_tickets_to_classify;
