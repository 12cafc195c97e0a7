-- Add up the rows of each cluster and status of an organization. Rows that another transaction adds meanwhile stay.
-- call: internal
create or replace function autopilot.fold_ticket_counts(organization uuid)
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with gone as (
    delete from autopilot.ticket_counts as c where c.organization_id = organization
    returning c.cluster_id, c.external_status, c.tickets
  )
  insert into autopilot.ticket_counts (organization_id, cluster_id, external_status, tickets)
  select organization, g.cluster_id, g.external_status, sum(g.tickets)
  from gone as g
  group by g.cluster_id, g.external_status
  having sum(g.tickets) <> 0
$$;
revoke all on function autopilot.fold_ticket_counts from public;
