-- Move one `unknown` envelope to the dead-letter queue, as `failed` and doubtful: its effect may have happened. Returns
-- the dead letter.
create or replace function app_private.move_to_dlq(
  tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamptz
)
returns jsonb language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  moved public.outbox;
  dead_letter public.outbox_dlq;
begin
  delete from public.outbox as o
  where o.tenant_id = move_to_dlq.tenant and o.id = move_to_dlq.envelope
  returning o.* into moved;

  insert into public.outbox_dlq (
    id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
    metadata, status, attempts, last_error, lane, verdicts, doubtful, settled_token, must_run_before,
    proposed_by, proposed_arguments, objective_id, created_at, moved_at
  )
  values (
    moved.id, moved.tenant_id, moved.tool_slug, moved.tool_version, moved.arguments, moved.connected_account_id,
    moved.risk, moved.external_id, moved.trust_context, moved.metadata, 'failed', moved.attempts,
    coalesce(reason, moved.last_error, 'resolved as failed by a person'), moved.lane, worker_api.verdicts_of(moved),
    true, moved.settled_token, moved.must_run_before, moved.proposed_by,
    moved.proposed_arguments, moved.objective_id, moved.created_at, as_of
  )
  returning * into dead_letter;

  perform app_private.do_at_commit(
    as_of,
    woken_tenants => array[moved.tenant_id], woken_lanes => array[moved.lane], woken_moments => array[null::timestamptz],
    woken_keys => array[moved.ordering_key],
    audited_tenants => array[dead_letter.tenant_id], actor_type => move_to_dlq.actor_type,
    actor_id => move_to_dlq.actor_id, categories => array['envelope.resolved'],
    payloads => array[app_private.envelope_event(
      dead_letter.id, dead_letter.external_id, dead_letter.tool_slug,
      jsonb_build_object('status', 'failed', 'reason', reason)
    )],
    made_at => as_of
  );
  if moved.ordering_key is not null then
    perform app_private.notify_workers();
  end if;
  return to_jsonb(dead_letter);
end
$$;
revoke all on function app_private.move_to_dlq from public;
