-- End a grant now: it allows no further call. If it was revoked before, nothing changes. Returns the row. Raises PT404
-- if the tenant has no such grant, and PT403 if the actor is not a person.
-- call: repeatable
create or replace function worker_api.revoke_grant(
  tenant uuid, id uuid, actor_id text, reason text default null, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found_grant public.grants;
begin
  perform app_private.check_texts(
    'reason', revoke_grant.reason, 'actor_type', revoke_grant.actor_type, 'actor_id', revoke_grant.actor_id,
    'door', revoke_grant.door
  );
  perform set_config('app.door', coalesce(revoke_grant.door, ''), true);
  if revoke_grant.actor_type is null or revoke_grant.actor_type not in ('operator', 'user') then
    raise exception 'actor_type: only a person may revoke a grant' using errcode = 'PT403';
  end if;
  select * into found_grant from public.grants as g
  where g.tenant_id = revoke_grant.tenant and g.id = revoke_grant.id for update;
  if not found then
    raise exception 'grant: no %', revoke_grant.id using errcode = 'PT404';
  elsif found_grant.revoked_at is not null then
    return to_jsonb(found_grant);
  end if;
  update public.grants as g set revoked_at = moment, revoked_by = revoke_grant.actor_id
  where g.tenant_id = found_grant.tenant_id and g.id = found_grant.id
  returning * into found_grant;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[found_grant.tenant_id], actor_type => revoke_grant.actor_type,
    actor_id => revoke_grant.actor_id, categories => array['grant.revoked'],
    payloads => array[jsonb_strip_nulls(jsonb_build_object(
      'grant_id', found_grant.id, 'use_count', found_grant.use_count, 'reason', revoke_grant.reason
    ))],
    made_at => moment
  );
  return to_jsonb(found_grant);
end
$$;
revoke all on function worker_api.revoke_grant from public;
grant execute on function worker_api.revoke_grant to service_role, app_rw;
