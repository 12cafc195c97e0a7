-- Take back an envelope that has not been executed. One that a worker holds right now is a conflict (PT409).
create or replace function worker_api.cancel(
  tenant uuid, envelope uuid, actor_type text, actor_id text, reason text default null, as_of timestamptz default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  held public.outbox;
  busy boolean := app_private.lock_lane(cancel.tenant, cancel.envelope);
begin
  perform set_config('app.door', coalesce(cancel.door, ''), true);
  select * into held from public.outbox as o
  where o.id = cancel.envelope and o.tenant_id = cancel.tenant for update;
  if held.id is null then
    raise exception 'envelope: no % in this tenant''s outbox', cancel.envelope using errcode = 'PT404';
  elsif busy then
    raise exception 'envelope: a worker holds % now; try again when it is settled', held.id using errcode = 'PT409';
  elsif held.status not in ('pending', 'awaiting_approval') then
    raise exception 'envelope: % is % already', held.id, held.status using errcode = 'PT409';
  end if;

  update public.approvals as a
  set decision = 'rejected', decided_by = cancel.actor_id, decided_at = moment, decision_reason = 'cancelled'
  where a.tenant_id = cancel.tenant and a.envelope_id = held.id and a.decision is null;

  return app_private.change_envelope(held.tenant_id, held.id, 'cancelled', 'cancelled', actor_type, actor_id, reason, moment);
end
$$;
revoke all on function worker_api.cancel from public;
grant execute on function worker_api.cancel to service_role, app_rw;
