-- End a pause of a tool, an account or an agent. Envelopes held by the pause are judged again at commit. Raises PT404
-- if there is no such pause.
-- call: not repeatable
create or replace function worker_api.end_pause(
  tenant uuid, kind text, target text, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
begin
  perform app_private.check_texts(
    'kind', end_pause.kind, 'target', end_pause.target, 'actor_type', end_pause.actor_type,
    'actor_id', end_pause.actor_id, 'door', end_pause.door
  );
  perform set_config('app.door', coalesce(end_pause.door, ''), true);
  delete from public.pauses as p
  where p.tenant_id = end_pause.tenant and p.kind = end_pause.kind and p.target = end_pause.target
    and (p.ends_at is null or p.ends_at > moment);
  if not found then
    raise exception 'pause: no pause of % %', end_pause.kind, end_pause.target using errcode = 'PT404';
  end if;
  perform app_private.do_at_commit(
    moment,
    held_tenant => end_pause.tenant, held_by => array['paused'],
    audited_tenants => array[end_pause.tenant], actor_type => end_pause.actor_type, actor_id => end_pause.actor_id,
    categories => array['pause.ended'],
    payloads => array[jsonb_build_object('kind', end_pause.kind, 'target', end_pause.target)], made_at => moment
  );
end
$$;
revoke all on function worker_api.end_pause from public;
grant execute on function worker_api.end_pause to service_role, app_rw;
