-- Record a person's decision, approved or rejected, about the call of an envelope. `digest` identifies the call that
-- the person saw. A rejection needs a `code`, which the agent reads with the reason. Raises PT404 when the envelope has
-- no approval; PT403 when the proposer or an agent approves it; PT409 when the call has changed since, when it has
-- already been decided and when the approval has expired. The error's detail then has current_digest, decided_by and
-- decided_at. Returns the envelope.
-- call: once
create or replace function worker_api.decide_approval(
  tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text default null,
  as_of timestamptz default null,
  actor_type text default 'operator', door text default null, code text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  outbox_row public.outbox;
  approval public.approvals;
  problem text;
begin
  perform app_private.check_texts(
    'decision', decide_approval.decision, 'digest', decide_approval.digest, 'code', decide_approval.code,
    'reason', decide_approval.reason,
    'actor_type', decide_approval.actor_type, 'actor_id', decide_approval.actor_id, 'door', decide_approval.door
  );
  perform set_config('app.door', coalesce(decide_approval.door, ''), true);
  if decision is null or decision not in ('approved', 'rejected') then
    raise exception 'decision: % is neither approved nor rejected', to_jsonb(decision) using errcode = 'PT400';
  elsif (decision = 'rejected') <> (code is not null) then
    raise exception 'code: is required to reject, and allowed for nothing else' using errcode = 'PT400';
  end if;

  perform app_private.lock_lane(decide_approval.tenant, decide_approval.envelope);
  select * into outbox_row from public.outbox as o
  where o.id = decide_approval.envelope and o.tenant_id = decide_approval.tenant for update;
  select * into approval from public.approvals as a
  where a.tenant_id = decide_approval.tenant and a.envelope_id = decide_approval.envelope
  order by a.requested_at desc, a.decided_at desc nulls first limit 1 for update;
  if approval.id is null then
    raise exception 'envelope: % has no approval to decide', decide_approval.envelope using errcode = 'PT404';
  end if;
  problem := case
    when approval.decision is not null then format(
      'envelope: %s was already %s by %s at %s', decide_approval.envelope, approval.decision, approval.decided_by,
      to_jsonb(approval.decided_at) #>> '{}'
    )
    when approval.digest is distinct from decide_approval.digest
      then 'digest: the call has changed since you looked; list the approvals again'
    when approval.expires_at <= moment
      then format('envelope: the approval of %s expired at %s', decide_approval.envelope, approval.expires_at)
  end;
  if problem is not null then
    raise exception '%', problem using errcode = 'PT409', detail = jsonb_build_object(
      'current_digest', approval.digest, 'decided_by', approval.decided_by, 'decided_at', approval.decided_at
    )::text;
  elsif decision = 'approved' and actor_type = 'agent' then
    raise exception 'actor_type: an agent may not approve a call' using errcode = 'PT403';
  elsif decision = 'approved' and outbox_row.proposed_by like '%:%'
    and substr(outbox_row.proposed_by, strpos(outbox_row.proposed_by, ':') + 1) = actor_id then
    raise exception 'envelope: % proposed %, so somebody else has to approve it', actor_id, decide_approval.envelope
      using errcode = 'PT403';
  end if;

  update public.approvals as a
  set decision = decide_approval.decision, decided_by = decide_approval.actor_id, decided_at = moment,
      decision_reason = decide_approval.reason, rejection_code = decide_approval.code
  where a.tenant_id = approval.tenant_id and a.id = approval.id;

  return app_private.change_envelope(
    outbox_row.tenant_id, outbox_row.id,
    case decide_approval.decision when 'approved' then 'pending' else 'rejected' end,
    decide_approval.decision, actor_type, actor_id, reason, moment,
    case decide_approval.decision when 'approved' then approval.digest end, decide_approval.code
  );
end
$$;
revoke all on function worker_api.decide_approval from public;
grant execute on function worker_api.decide_approval to service_role, app_rw;
