-- Takes marks of messages, alerts and times away; tickets and clusters stay.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop table autopilot.received_messages, autopilot.burst_alerts, autopilot.cluster_times;
drop index autopilot.idx_tickets_opened, autopilot.idx_tickets_unresolved, autopilot.idx_tickets_unresolved_of_cluster;
