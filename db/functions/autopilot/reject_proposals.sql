-- Reject proposals, all or none. A later training does not propose the same again. For owners. Raises PT404, PT403,
-- PT400, and PT409 if one was decided before, with who and when. Returns {rejected}: how many.
-- call: not repeatable
create or replace function autopilot.reject_proposals(
  proposals uuid[], tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  rejected integer;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform pg_advisory_xact_lock(hashtextextended(caller.tenant_id::text, 66));
  perform autopilot.lock_proposals(caller.tenant_id, proposals);
  update autopilot.cluster_proposals as p
  set status = 'rejected', decided_by = coalesce(caller.actor_id, 'unnamed'), decided_at = moment
  where p.organization_id = caller.tenant_id and p.id = any (proposals);
  get diagnostics rejected = row_count;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'cluster_proposals.rejected',
    jsonb_build_object('proposals', to_jsonb(proposals)), moment
  );
  return jsonb_build_object('rejected', rejected);
end
$$;
revoke all on function autopilot.reject_proposals from public;
grant execute on function autopilot.reject_proposals to authenticated, service_role, app_rw;
