-- A person approves or rejects the call that waits in an envelope. The digest names exactly what they saw: where the
-- call has changed since, or was decided before, this is a conflict (PT409). Returns the envelope.
create or replace function worker_api.decide_approval(
  tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text default null,
  as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  held public.outbox;
  asked public.approvals;
begin
  perform set_config('app.door', coalesce(decide_approval.door, ''), true);
  if decision is null or decision not in ('approved', 'rejected') then
    raise exception 'decision: % is neither approved nor rejected', to_jsonb(decision) using errcode = 'PT400';
  end if;

  perform app_private.lock_lane(decide_approval.tenant, decide_approval.envelope);
  select * into held from public.outbox as o
  where o.id = decide_approval.envelope and o.tenant_id = decide_approval.tenant for update;
  select * into asked from public.approvals as a
  where a.tenant_id = decide_approval.tenant and a.envelope_id = decide_approval.envelope
  order by a.requested_at desc, a.decided_at desc nulls first limit 1 for update;
  if asked.id is null then
    raise exception 'envelope: % of this tenant asked for no approval', decide_approval.envelope using errcode = 'PT404';
  elsif asked.decision is not null then
    raise exception 'envelope: % was % by % already', decide_approval.envelope, asked.decision, asked.decided_by
      using errcode = 'PT409';
  elsif asked.digest is distinct from decide_approval.digest then
    raise exception 'digest: the call has changed since you looked; list the approvals again' using errcode = 'PT409';
  elsif asked.expires_at <= moment then
    raise exception 'envelope: the approval of % expired at %', decide_approval.envelope, asked.expires_at
      using errcode = 'PT409';
  end if;

  update public.approvals as a
  set decision = decide_approval.decision, decided_by = decide_approval.actor_id, decided_at = moment,
      decision_reason = decide_approval.reason
  where a.tenant_id = asked.tenant_id and a.id = asked.id;

  return app_private.change_envelope(
    held.tenant_id, held.id, case decide_approval.decision when 'approved' then 'pending' else 'rejected' end,
    decide_approval.decision, actor_type, actor_id, reason, moment,
    case decide_approval.decision when 'approved' then asked.digest end
  );
end
$$;
revoke all on function worker_api.decide_approval from public;
grant execute on function worker_api.decide_approval to service_role, app_rw;
