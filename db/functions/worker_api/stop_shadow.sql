-- End a shadow run now. If it has ended before, nothing changes. Raises PT404 if the tenant has no such run.
-- call: repeatable
create or replace function worker_api.stop_shadow(
  tenant uuid, id uuid, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  run public.shadow_runs;
begin
  perform app_private.act_by(stop_shadow.actor_type, stop_shadow.actor_id, stop_shadow.door);
  select * into run from public.shadow_runs as r
  where r.tenant_id = stop_shadow.tenant and r.id = stop_shadow.id for no key update;
  if not found then
    raise exception 'shadow run: no %', stop_shadow.id using errcode = 'PT404';
  elsif run.stopped_at is not null then
    return;
  end if;
  update public.shadow_runs as r set stopped_at = moment, stopped_by = stop_shadow.actor_id
  where r.tenant_id = run.tenant_id and r.id = run.id;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[run.tenant_id], actor_type => stop_shadow.actor_type, actor_id => stop_shadow.actor_id,
    categories => array['shadow.stopped'],
    payloads => array[jsonb_build_object('run_id', run.id, 'envelopes', run.envelopes)], made_at => moment
  );
end
$$;
revoke all on function worker_api.stop_shadow from public;
grant execute on function worker_api.stop_shadow to service_role, app_rw;
