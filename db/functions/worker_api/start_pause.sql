-- Stop executing those envelopes of a tenant that call a tool, use an account, or were proposed by an agent, until
-- `ends_at` or, if it is null, until end_pause. `kind` is tool, account or agent; `target` is the slug of the tool, the
-- id of the account or the name of the agent. Attempts in flight finish. If there is such a pause already, its reason
-- and end are replaced. Returns the row. Raises PT404 for an unknown tenant.
-- call: not repeatable
create or replace function worker_api.start_pause(
  tenant uuid, kind text, target text, reason text, ends_at timestamptz, actor_id text,
  as_of timestamptz default null, actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  started public.pauses;
begin
  perform app_private.check_texts(
    'kind', start_pause.kind, 'target', start_pause.target, 'reason', start_pause.reason,
    'actor_type', start_pause.actor_type, 'actor_id', start_pause.actor_id, 'door', start_pause.door
  );
  perform set_config('app.door', coalesce(start_pause.door, ''), true);
  if start_pause.ends_at <= moment then
    raise exception 'ends_at: must be later than now' using errcode = 'PT400';
  end if;
  perform from public.tenants as t where t.id = start_pause.tenant for no key update;
  if not found then
    raise exception 'tenant_id: no tenant %', start_pause.tenant using errcode = 'PT404';
  end if;
  delete from public.pauses as p where p.tenant_id = start_pause.tenant and p.ends_at <= moment;
  if (
    select count(*) from public.pauses as p
    where p.tenant_id = start_pause.tenant and (p.kind, p.target) <> (start_pause.kind, start_pause.target)
  ) >= 200 then
    raise exception 'pauses: a tenant has at most 200; end some first' using errcode = 'PT400';
  end if;
  insert into public.pauses as p (tenant_id, kind, target, reason, started_at, started_by, ends_at, changed_at)
  values (
    start_pause.tenant, start_pause.kind, start_pause.target, start_pause.reason, moment, start_pause.actor_id,
    start_pause.ends_at, app_private.next_paused_at(start_pause.tenant, moment)
  )
  on conflict on constraint pauses_pkey do update
  set reason = excluded.reason, ends_at = excluded.ends_at, changed_at = excluded.changed_at
  returning p.* into started;
  -- the pause ends earlier than before, so the envelopes that it holds are judged again
  perform app_private.do_at_commit(
    moment,
    held_tenant => started.tenant_id, held_by => array['paused'],
    audited_tenants => array[started.tenant_id], actor_type => start_pause.actor_type,
    actor_id => start_pause.actor_id, categories => array['pause.started'],
    payloads => array[jsonb_build_object(
      'kind', started.kind, 'target', started.target, 'reason', started.reason, 'ends_at', started.ends_at
    )],
    made_at => moment
  );
  return to_jsonb(started);
end
$$;
revoke all on function worker_api.start_pause from public;
grant execute on function worker_api.start_pause to service_role, app_rw;
