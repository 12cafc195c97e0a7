-- Discard a dead letter: it becomes a cancelled envelope with its attempts, last error and verdicts. Its external_id
-- cannot be used again until this envelope is deleted (worker_api.forget_settled). `reason` is required. Returns the
-- envelope. Raises PT404 if the tenant has no such dead letter.
-- call: not repeatable
create or replace function worker_api.discard_dead_letter(
  tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamptz default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  discarded public.outbox;
begin
  perform app_private.check_texts(
    'reason', discard_dead_letter.reason, 'actor_type', discard_dead_letter.actor_type,
    'actor_id', discard_dead_letter.actor_id, 'door', discard_dead_letter.door
  );
  if coalesce(discard_dead_letter.reason, '') = '' then
    raise exception 'reason: is needed to discard a dead letter' using errcode = 'PT400';
  end if;
  perform set_config('app.door', coalesce(discard_dead_letter.door, ''), true);
  with dead as (
    delete from public.outbox_dlq as d
    where d.tenant_id = discard_dead_letter.tenant and d.id = discard_dead_letter.envelope
    returning d.*
  )
  insert into public.outbox as o (
    id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
    metadata, status, next_run_at, attempts, last_error, lane, verdicts, must_run_before, proposed_by,
    proposed_arguments, objective_id, created_at, updated_at
  )
  select
    d.id, d.tenant_id, d.tool_slug, d.tool_version, d.arguments, d.connected_account_id, d.risk, d.external_id,
    d.trust_context, d.metadata, 'cancelled', moment, d.attempts, d.last_error, d.lane, d.verdicts, d.must_run_before,
    d.proposed_by, d.proposed_arguments, d.objective_id, d.created_at, moment
  from dead as d
  returning o.* into discarded;
  if discarded.id is null then
    raise exception 'envelope: no dead letter % in this tenant', discard_dead_letter.envelope using errcode = 'PT404';
  end if;

  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[discarded.tenant_id], actor_type => discard_dead_letter.actor_type,
    actor_id => discard_dead_letter.actor_id, categories => array['envelope.discarded'],
    payloads => array[app_private.envelope_event(
      discarded.id, discarded.external_id, discarded.tool_slug,
      jsonb_build_object('status', 'cancelled', 'reason', discard_dead_letter.reason)
    )],
    made_at => moment
  );
  return to_jsonb(discarded) || jsonb_build_object('verdicts', worker_api.verdicts_of(discarded));
end
$$;
revoke all on function worker_api.discard_dead_letter from public;
grant execute on function worker_api.discard_dead_letter to service_role, app_rw;
