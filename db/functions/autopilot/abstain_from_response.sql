-- Record that no article answers a ticket: a person must answer it, and autopilot does not try again. Writes nothing if
-- the ticket is no longer to be answered, for the same reasons as autopilot.propose_response. For workers. Returns
-- {abstained, reason}: whether it was recorded and, if not, why.
-- call: repeatable
create or replace function autopilot.abstain_from_response(
  tenant uuid, ticket uuid, cluster uuid, content_hash bigint, reason text, score double precision default null,
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked record;
begin
  perform app_private.act_by('system', abstain_from_response.actor_id, abstain_from_response.door);
  locked := autopilot.lock_awaiting_ticket(tenant, ticket, cluster, abstain_from_response.content_hash);
  if locked.problem is not null then
    return jsonb_build_object('abstained', false, 'reason', locked.problem);
  end if;
  update autopilot.tickets as t set response_state = 'abstained'
  where t.organization_id = abstain_from_response.tenant and t.id = abstain_from_response.ticket;
  insert into autopilot.responses (
    organization_id, ticket_id, lineage_id, state, score, reason, created_at, settled_at
  )
  values (
    abstain_from_response.tenant, abstain_from_response.ticket, locked.lineage_id, 'abstained',
    abstain_from_response.score,
    left(abstain_from_response.reason, 1000), moment, moment
  );
  perform autopilot.add_audit(
    tenant, 'system', abstain_from_response.actor_id, 'response.abstained',
    jsonb_build_object('ticket_id', ticket, 'cluster_id', cluster), moment
  );
  return jsonb_build_object('abstained', true);
end
$$;
revoke all on function autopilot.abstain_from_response from public;
grant execute on function autopilot.abstain_from_response to service_role, app_rw;
