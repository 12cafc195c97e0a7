-- Lock a cluster, and a ticket that awaits an automatic response. Returns {lineage_id, problem}: the lineage of the
-- cluster, and why the ticket is no longer to be answered, or null if it is.
-- call: internal
create or replace function autopilot.lock_awaiting_ticket(
  organization uuid, ticket uuid, cluster uuid, content_hash bigint, out lineage_id uuid, out problem text
)
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  kin autopilot.clusters;
  locked autopilot.tickets;
begin
  select c.* into kin
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
  where c.organization_id = organization and c.id = lock_awaiting_ticket.cluster
  for share of c;
  select t.* into locked from autopilot.tickets as t
  where t.organization_id = organization and t.id = lock_awaiting_ticket.ticket for no key update;
  lineage_id := kin.lineage_id;
  problem := case
    when kin.auto_respond_at is null or not kin.config @> '{"auto_respond": true}'
      then 'the automatic response of its cluster is off'
    when locked.cluster_id is distinct from kin.id then 'it left its cluster'
    when locked.response_state is not null then 'it has a response'
    when locked.content_hash <> lock_awaiting_ticket.content_hash then 'its text changed'
    when not autopilot.is_open(locked) then 'it is solved'
    when locked.created_at <= kin.auto_respond_at
      or coalesce(locked.source_created_at, locked.created_at) <= kin.auto_respond_at
      then 'it came before the automatic response was switched on'
  end;
end
$$;
revoke all on function autopilot.lock_awaiting_ticket from public;
