-- Propose the answer to a ticket: enqueue its envelope and record the response at the ticket, in one transaction. A
-- ticket gets one response at most, whatever model is active: the envelope's `external_id` names the ticket. Nothing is
-- written if meanwhile the ticket changed, was solved, got a response or left the cluster, or if the automatic response
-- of the cluster is off. `envelope` has {id, tool_slug, tool_version, arguments, risk, trust_context}. For workers.
-- Raises the errors of worker_api.enqueue, and PT409 if somebody else proposed an envelope with this `external_id`.
-- Returns {proposed, reason}: whether it was proposed and, if not, why.
-- call: not repeatable
create or replace function autopilot.propose_response(
  tenant uuid, ticket uuid, cluster uuid, content_hash bigint, answer text, article uuid, score double precision,
  envelope jsonb, actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked record;
  enqueued jsonb;
begin
  perform app_private.act_by('system', propose_response.actor_id, propose_response.door);
  locked := autopilot.lock_awaiting_ticket(tenant, ticket, cluster, propose_response.content_hash);
  if locked.problem is not null then
    return jsonb_build_object('proposed', false, 'reason', locked.problem);
  end if;
  update autopilot.tickets as t set response_state = 'queued', response_envelope_id = (envelope ->> 'id')::uuid
  where t.organization_id = propose_response.tenant and t.id = propose_response.ticket;
  insert into autopilot.responses (
    organization_id, ticket_id, lineage_id, state, article_id, answer, score, created_at
  )
  values (
    propose_response.tenant, propose_response.ticket, locked.lineage_id, 'queued', (
      select a.id from autopilot.knowledge_articles as a
      where a.organization_id = propose_response.tenant and a.id = propose_response.article
    ), propose_response.answer, propose_response.score, moment
  );
  perform autopilot.follow_from_now(tenant);
  enqueued := worker_api.enqueue(
    ids => array[(envelope ->> 'id')::uuid], tenants => array[propose_response.tenant],
    tool_slugs => array[envelope ->> 'tool_slug'], tool_versions => array[envelope ->> 'tool_version'],
    arguments => array[envelope -> 'arguments'], connected_account_ids => array[null::text],
    risks => array[coalesce(envelope ->> 'risk', 'low')],
    external_ids => array['autopilot:response:' || propose_response.ticket],
    trust_contexts => array[coalesce(envelope -> 'trust_context', '{}')],
    metadata => array[jsonb_build_object(
      'ordering_key', 'autopilot:response:' || propose_response.ticket, 'ticket_id', propose_response.ticket,
      'cluster_id', propose_response.cluster
    )],
    next_run_at => array[null::timestamptz], actor_type => 'system',
    actor_id => coalesce(propose_response.actor_id, 'unnamed'), as_of => propose_response.as_of,
    door => propose_response.door
  );
  if not (enqueued -> 0 ->> 0)::boolean then
    raise exception 'ticket: somebody else proposed an envelope with the external_id of its response'
      using errcode = 'PT409';
  end if;
  perform autopilot.add_audit(tenant, 'system', propose_response.actor_id, 'response.proposed', jsonb_build_object(
    'ticket_id', ticket, 'cluster_id', cluster, 'article_id', article, 'envelope_id', envelope ->> 'id'
  ), moment);
  return jsonb_build_object('proposed', true);
end
$$;
revoke all on function autopilot.propose_response from public;
grant execute on function autopilot.propose_response to service_role, app_rw;
