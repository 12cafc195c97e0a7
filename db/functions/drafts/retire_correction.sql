-- Retire a correction: reject a proposed one, or withdraw an approved one and delete its document. If the correction is
-- retired already, nothing changes. Returns the row. For owners and reviewers. Raises PT404 for an unknown correction,
-- and PT403.
-- call: repeatable, columns 1 deep
create or replace function drafts.retire_correction(
  correction uuid, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  decided drafts.corrections;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  select * into decided from drafts.corrections as c
  where c.tenant_id = caller.tenant_id and c.id = correction
  for update;
  if not found then
    raise exception 'correction: no correction %', correction using errcode = 'PT404';
  elsif decided.status = 'retired' then
    return to_jsonb(decided);
  end if;
  update drafts.corrections as c
  set status = 'retired', decided_by = caller.actor_id, decided_at = moment
  where c.tenant_id = caller.tenant_id and c.id = correction
  returning * into decided;
  delete from drafts.source_documents as d
  where d.tenant_id = caller.tenant_id and d.source_url = 'correction:' || decided.external_id;
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['correction.retired'], payloads => array[jsonb_build_object('correction_id', correction)],
    made_at => moment
  );
  return to_jsonb(decided);
end
$$;
revoke all on function drafts.retire_correction from public;
grant execute on function drafts.retire_correction to authenticated, service_role, app_rw;
