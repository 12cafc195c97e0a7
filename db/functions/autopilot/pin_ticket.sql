-- Put a ticket into a cluster, and keep it there in every later model. A null `cluster` removes this pin, and the
-- ticket stays in its cluster until the next model. For owners and reviewers. Raises PT404, PT403. Returns {ticket_id,
-- cluster_id}.
-- call: repeatable
create or replace function autopilot.pin_ticket(
  ticket uuid, tenant uuid default null, cluster uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform pg_advisory_xact_lock(hashtextextended(caller.tenant_id::text, 66));
  if not exists (
    select from autopilot.tickets as t where t.organization_id = caller.tenant_id and t.id = pin_ticket.ticket
  ) then
    raise exception 'ticket: no ticket %', ticket using errcode = 'PT404';
  end if;
  if cluster is null then
    delete from autopilot.ticket_pins as p where p.organization_id = caller.tenant_id and p.ticket_id = pin_ticket.ticket;
  else
    locked := autopilot.lock_cluster(caller.tenant_id, cluster);
    insert into autopilot.ticket_pins as p (organization_id, ticket_id, lineage_id, pinned_by, created_at)
    values (caller.tenant_id, pin_ticket.ticket, locked.lineage_id, coalesce(caller.actor_id, 'unnamed'), moment)
    on conflict (organization_id, ticket_id) do update
    set lineage_id = excluded.lineage_id, pinned_by = excluded.pinned_by, created_at = excluded.created_at;
    perform autopilot.place_tickets(caller.tenant_id, locked.model_id, array[pin_ticket.ticket]);
  end if;
  perform autopilot.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'ticket.pinned', jsonb_build_object(
    'ticket_id', ticket, 'cluster_id', locked.id, 'lineage_id', locked.lineage_id
  ), moment);
  return jsonb_build_object('ticket_id', ticket, 'cluster_id', locked.id);
end
$$;
revoke all on function autopilot.pin_ticket from public;
grant execute on function autopilot.pin_ticket to authenticated, service_role, app_rw;
