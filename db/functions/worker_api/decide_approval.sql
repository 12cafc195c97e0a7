-- Record a person's decision, approved or rejected, about the call of an envelope. Returns the envelope. If two people
-- have to approve calls of this risk, the envelope still waits after the first approval.
-- `digest`: the call that the person saw. `code`: why it was rejected; the agent reads it. `edited_arguments` with
-- `edited_digest`: approve the call with these arguments. `shown_whole`: whether the person had seen the whole call;
-- null if unknown.
-- Raises PT404 if the envelope has no approval. Raises PT403 if the approver is an agent, the proposer, the issuer of
-- the agent's token, or the person who approved first. Raises PT409 if the call has changed, was decided, or its
-- approval has expired; the detail has current_digest, decided_by and decided_at.
-- call: not repeatable
create or replace function worker_api.decide_approval(
  tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text default null,
  as_of timestamptz default null,
  actor_type text default 'operator', door text default null, code text default null,
  edited_arguments jsonb default null, edited_digest text default null, shown_whole boolean default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  outbox_row public.outbox;
  approval public.approvals;
  current_digest text;
  problem text;
  inexact text;
  risk text;
  is_first boolean;
begin
  perform app_private.check_texts(
    'decision', decide_approval.decision, 'digest', decide_approval.digest, 'code', decide_approval.code,
    'edited_digest', decide_approval.edited_digest, 'reason', decide_approval.reason,
    'actor_type', decide_approval.actor_type, 'actor_id', decide_approval.actor_id, 'door', decide_approval.door
  );
  perform set_config('app.door', coalesce(decide_approval.door, ''), true);
  if decision is null or decision not in ('approved', 'rejected') then
    raise exception 'decision: % is neither approved nor rejected', to_jsonb(decision) using errcode = 'PT400';
  elsif decision = 'approved' and code is not null then
    raise exception 'code: is allowed only with a rejection' using errcode = 'PT400';
  elsif (edited_arguments is null) <> (edited_digest is null) or (decision = 'rejected' and edited_digest is not null) then
    raise exception 'edited_digest: is required with edited_arguments, and allowed only with an approval' using errcode = 'PT400';
  end if;
  if edited_arguments is not null and (   -- the same checks as in enqueue
    jsonb_typeof(edited_arguments) <> 'object' or octet_length(edited_arguments::text) > 65536
    or jsonb_path_exists(edited_arguments, '$.**{101}')
  ) then
    raise exception 'arguments: must be a JSON object of at most 65536 bytes and 100 levels' using errcode = 'PT400';
  end if;
  if decision = 'rejected' then
    code := coalesce(code, 'other');   -- version 0.1.0 has no codes
  end if;
  inexact := app_private.inexact_number(edited_arguments);
  if inexact is not null then
    raise exception 'arguments%: is a number that would change on the way to the tool; send it as a string', inexact
      using errcode = 'PT400';
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
  current_digest := coalesce(approval.decided_digest, approval.digest);
  problem := case
    when approval.decision is not null then format(
      'envelope: %s was already %s by %s at %s', decide_approval.envelope, approval.decision, approval.decided_by,
      to_jsonb(approval.decided_at) #>> '{}'
    )
    when current_digest is distinct from decide_approval.digest
      then 'digest: the call has changed since you looked; list the approvals again'
    when approval.expires_at <= moment
      then format('envelope: the approval of %s expired at %s', decide_approval.envelope, approval.expires_at)
  end;
  if problem is null and edited_digest = current_digest and edited_arguments <> outbox_row.arguments then
    raise exception 'edited_digest: is the digest of the call before the edit; send that of the edited call' using errcode = 'PT400';
  end if;
  if problem is not null then
    raise exception '%', problem using errcode = 'PT409', detail = jsonb_build_object(
      'current_digest', current_digest, 'decided_by', approval.decided_by, 'decided_at', approval.decided_at
    )::text;
  elsif decision = 'approved' and actor_type = 'agent' then
    raise exception 'actor_type: an agent may not approve a call' using errcode = 'PT403';
  elsif decision = 'approved' and outbox_row.proposed_by like '%:%'
    and substr(outbox_row.proposed_by, strpos(outbox_row.proposed_by, ':') + 1) = actor_id then
    raise exception 'envelope: % proposed %, so somebody else has to approve it', actor_id, decide_approval.envelope
      using errcode = 'PT403';
  elsif decision = 'approved' and exists (   -- a person who issued a token of an agent could propose as this agent
    select from public.api_tokens as t
    where t.tenant_id = outbox_row.tenant_id and outbox_row.proposed_by = 'agent:' || t.agent
      and t.created_by = decide_approval.actor_id and t.created_at <= outbox_row.created_at
  ) then
    raise exception 'envelope: % issued an API token of the agent that proposed %, so somebody else has to approve it',
      actor_id, decide_approval.envelope using errcode = 'PT403';
  end if;

  risk := app_private.highest_risk(   -- the tool may have become riskier since the proposal
    variadic array(
      select t.risk from public.tool_catalog as t
      where t.tenant_id = outbox_row.tenant_id and t.tool_slug = outbox_row.tool_slug
        and case when outbox_row.tool_version is null then t.status <> 'retired' else t.version = outbox_row.tool_version end
    ) || outbox_row.risk
  );
  -- an edit makes another call, so it counts as a first approval
  is_first := decision = 'approved' and (approval.first_approved_by is null or coalesce(edited_digest <> current_digest, false))
    and exists (
      select from public.guardrails as g
      where g.tenant_id = approval.tenant_id and g.approval_rules -> 'two_people' ? risk
    );
  if decision = 'approved' and not is_first and approval.first_approved_by = actor_id then
    raise exception 'envelope: % has approved % before; a second person has to approve it too', actor_id,
      decide_approval.envelope using errcode = 'PT403';
  end if;

  update public.approvals as a
  set decision = case when not is_first then decide_approval.decision end,
      decided_by = case when not is_first then decide_approval.actor_id end,
      decided_at = case when not is_first then moment end,
      decision_reason = decide_approval.reason,
      rejection_code = decide_approval.code,
      shown_whole = decide_approval.shown_whole,
      decided_arguments = coalesce(edited_arguments, a.decided_arguments),
      decided_digest = coalesce(edited_digest, a.decided_digest),
      first_approved_by = case when is_first then decide_approval.actor_id else a.first_approved_by end,
      first_approved_at = case when is_first then moment else a.first_approved_at end
  where a.tenant_id = approval.tenant_id and a.id = approval.id;

  return app_private.change_envelope(
    outbox_row.tenant_id, outbox_row.id,
    case when is_first then 'awaiting_approval' when decision = 'approved' then 'pending' else 'rejected' end,
    case when is_first then 'approved_once' else decide_approval.decision end,
    actor_type, actor_id, reason, moment,
    digest => case decide_approval.decision when 'approved' then coalesce(edited_digest, current_digest) end,
    code => decide_approval.code, edited => edited_arguments,
    proposed_digest => case when coalesce(edited_digest, approval.decided_digest) is not null then approval.digest end
  );
end
$$;
revoke all on function worker_api.decide_approval from public;
grant execute on function worker_api.decide_approval to service_role, app_rw;
