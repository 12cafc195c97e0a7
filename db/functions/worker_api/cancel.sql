-- Cancel an envelope that has not been executed. Returns the envelope. Raises PT404 if the tenant has no such envelope
-- in the outbox, and PT409 if it is in flight or is neither pending nor waiting for approval.
-- call: not repeatable
create or replace function worker_api.cancel(
  tenant uuid, envelope uuid, actor_type text, actor_id text, reason text default null, as_of timestamptz default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  outbox_row public.outbox;
  is_in_flight boolean := app_private.lock_lane(cancel.tenant, cancel.envelope);
begin
  perform app_private.check_texts(
    'reason', cancel.reason, 'actor_type', cancel.actor_type, 'actor_id', cancel.actor_id, 'door', cancel.door
  );
  perform set_config('app.door', coalesce(cancel.door, ''), true);
  select * into outbox_row from public.outbox as o
  where o.id = cancel.envelope and o.tenant_id = cancel.tenant for update;
  if outbox_row.id is null then
    raise exception 'envelope: no % in this tenant''s outbox', cancel.envelope using errcode = 'PT404';
  elsif is_in_flight then
    raise exception 'envelope: % is in flight; try again after it is settled', outbox_row.id
      using errcode = 'PT409';
  elsif outbox_row.status not in ('pending', 'awaiting_approval') then
    raise exception 'envelope: % is already %', outbox_row.id, outbox_row.status using errcode = 'PT409';
  end if;

  update public.approvals as a
  set decision = 'rejected', decided_by = cancel.actor_id, decided_at = moment, decision_reason = 'cancelled',
      rejection_code = 'cancelled'
  where a.tenant_id = cancel.tenant and a.envelope_id = outbox_row.id and a.decision is null;

  return app_private.change_envelope(
    outbox_row.tenant_id, outbox_row.id, 'cancelled', 'cancelled', actor_type, actor_id, reason, moment
  );
end
$$;
revoke all on function worker_api.cancel from public;
grant execute on function worker_api.cancel to service_role, app_rw;
