-- How many tickets a tenant has: {tickets, unclassified: those in no cluster, statuses: how many in each status}.
-- call: replica
create or replace function autopilot.count_tickets(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select jsonb_build_object(
    'tickets', coalesce(sum(s.tickets), 0), 'unclassified', coalesce(sum(s.unclassified), 0),
    'statuses', coalesce(jsonb_object_agg(s.external_status, s.tickets) filter (where s.tickets <> 0), '{}')
  )
  from (
    select
      n.external_status, sum(n.tickets) as tickets, sum(n.tickets) filter (where n.cluster_id is null) as unclassified
    from autopilot.ticket_counts as n
    where n.organization_id = autopilot.tenant_of(count_tickets.tenant)
    group by n.external_status
  ) as s
$$;
revoke all on function autopilot.count_tickets from public;
grant execute on function autopilot.count_tickets to authenticated, service_role, app_rw, app_ro;
