-- Record that a person looks at a pending approval now. Returns who else has looked at it in the last 30 seconds, as
-- [{envelope_id, viewer, seen_at}]. Clients call this every second or two; a row is written only every five seconds.
-- Appends no audit row, because looking changes nothing. Raises PT403 for an agent.
-- call: repeatable
create or replace function worker_api.look_at_approval(
  tenant uuid, envelope uuid, actor_id text, as_of timestamptz default null, actor_type text default 'operator'
)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  principal constant text := concat(look_at_approval.actor_type, ':', look_at_approval.actor_id);
begin
  perform app_private.check_texts(
    'actor_type', look_at_approval.actor_type, 'actor_id', look_at_approval.actor_id
  );
  if look_at_approval.actor_type = 'agent' then
    raise exception 'actor_type: an agent may not do this' using errcode = 'PT403';
  end if;
  delete from public.approval_viewers as v
  using (
    select old.tenant_id, old.envelope_id, old.viewer from public.approval_viewers as old
    where old.tenant_id = look_at_approval.tenant and old.seen_at <= moment - interval '30 seconds'
    for update skip locked
  ) as stale
  where (v.tenant_id, v.envelope_id, v.viewer) = (stale.tenant_id, stale.envelope_id, stale.viewer);
  insert into public.approval_viewers as v (tenant_id, envelope_id, viewer, seen_at)
  select look_at_approval.tenant, look_at_approval.envelope, principal, moment
  where exists (
      select from public.approvals as a
      where a.tenant_id = look_at_approval.tenant and a.envelope_id = look_at_approval.envelope and a.decision is null
    )
    and (select count(*) < 1000 from public.approval_viewers as all_of where all_of.tenant_id = look_at_approval.tenant)
  on conflict on constraint approval_viewers_pkey do update set seen_at = excluded.seen_at
  where v.seen_at <= excluded.seen_at - interval '5 seconds';
  return (
    select coalesce(jsonb_agg(
      jsonb_build_object('envelope_id', v.envelope_id, 'viewer', v.viewer, 'seen_at', v.seen_at) order by v.viewer
    ), '[]')
    from public.approval_viewers as v
    where v.tenant_id = look_at_approval.tenant and v.envelope_id = look_at_approval.envelope and v.viewer <> principal
      and v.seen_at > moment - interval '30 seconds'
  );
end
$$;
revoke all on function worker_api.look_at_approval from public;
grant execute on function worker_api.look_at_approval to service_role, app_rw;
