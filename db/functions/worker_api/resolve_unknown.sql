-- Record what a person found out about a call that got no answer. `success`: it happened. `retry`: it did not happen,
-- and is executed again. `failed`: the envelope becomes a dead letter. Returns the envelope. Raises PT404 if the tenant
-- has no such envelope in the outbox, PT409 if it is not `unknown`.
-- call: not repeatable
create or replace function worker_api.resolve_unknown(
  tenant uuid, envelope uuid, decision text, actor_id text, reason text default null, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  outbox_row public.outbox;
begin
  perform app_private.check_texts(
    'decision', resolve_unknown.decision, 'reason', resolve_unknown.reason, 'actor_type', resolve_unknown.actor_type,
    'actor_id', resolve_unknown.actor_id, 'door', resolve_unknown.door
  );
  perform set_config('app.door', coalesce(resolve_unknown.door, ''), true);
  if decision is null or decision not in ('success', 'retry', 'failed') then
    raise exception 'decision: % is not one of success, retry, failed', to_jsonb(decision) using errcode = 'PT400';
  end if;

  perform app_private.lock_lane(resolve_unknown.tenant, resolve_unknown.envelope);
  select * into outbox_row from public.outbox as o
  where o.id = resolve_unknown.envelope and o.tenant_id = resolve_unknown.tenant for update;
  if outbox_row.id is null then
    raise exception 'envelope: no % in this tenant''s outbox', resolve_unknown.envelope using errcode = 'PT404';
  elsif outbox_row.status <> 'unknown' then
    raise exception 'envelope: % is %, not unknown', outbox_row.id, outbox_row.status using errcode = 'PT409';
  end if;

  if decision = 'failed' then
    return app_private.move_to_dlq(outbox_row.tenant_id, outbox_row.id, actor_type, actor_id, reason, moment);
  end if;
  return app_private.change_envelope(
    outbox_row.tenant_id, outbox_row.id, case decision when 'success' then 'success' else 'pending' end,
    'resolved', actor_type, actor_id, reason, moment
  );
end
$$;
revoke all on function worker_api.resolve_unknown from public;
grant execute on function worker_api.resolve_unknown to service_role, app_rw;
