-- A person who looked says what became of a call that got no answer: `success` (it happened), `retry` (it did not; send
-- it again) or `failed` (give up; to the dead-letter queue). Returns the envelope.
create or replace function worker_api.resolve_unknown(
  tenant uuid, envelope uuid, decision text, actor_id text, reason text default null, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  held public.outbox;
begin
  perform set_config('app.door', coalesce(resolve_unknown.door, ''), true);
  if decision is null or decision not in ('success', 'retry', 'failed') then
    raise exception 'decision: % is none of success, retry, failed', to_jsonb(decision) using errcode = 'PT400';
  end if;

  perform app_private.lock_lane(resolve_unknown.tenant, resolve_unknown.envelope);
  select * into held from public.outbox as o
  where o.id = resolve_unknown.envelope and o.tenant_id = resolve_unknown.tenant for update;
  if held.id is null then
    raise exception 'envelope: no % in this tenant''s outbox', resolve_unknown.envelope using errcode = 'PT404';
  elsif held.status <> 'unknown' then
    raise exception 'envelope: % is %, not unknown', held.id, held.status using errcode = 'PT409';
  end if;

  if decision = 'failed' then
    return app_private.bury(held.tenant_id, held.id, actor_type, actor_id, reason, moment);
  end if;
  return app_private.change_envelope(
    held.tenant_id, held.id, case decision when 'success' then 'success' else 'pending' end,
    'resolved', actor_type, actor_id, reason, moment
  );
end
$$;
revoke all on function worker_api.resolve_unknown from public;
grant execute on function worker_api.resolve_unknown to service_role, app_rw;
