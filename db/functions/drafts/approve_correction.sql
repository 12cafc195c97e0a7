-- Let drafts use a proposed correction. It becomes the document `correction:ID`, which replies cite. `document` is as
-- in drafts.save_documents. If the correction is approved already, only the document is stored again. Returns the row.
-- For owners and reviewers. Raises PT404 for an unknown correction, PT403, PT400 for an invalid document, and PT409 if
-- the correction is retired.
-- call: repeatable, columns 1 deep
create or replace function drafts.approve_correction(
  correction uuid, document jsonb, tenant uuid default null, as_of timestamptz default null,
  actor_type text default 'operator', actor_id text default null, door text default null
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
    raise exception 'correction: is retired' using errcode = 'PT409';
  elsif document ->> 'source_url' is distinct from 'correction:' || decided.external_id then
    raise exception 'document.source_url: must be correction:%', decided.external_id using errcode = 'PT400';
  end if;
  perform drafts.put_document(caller.tenant_id, document, moment);
  if decided.status = 'approved' then
    return to_jsonb(decided);
  end if;
  update drafts.corrections as c
  set status = 'approved', decided_by = caller.actor_id, decided_at = moment, last_verified = moment::date
  where c.tenant_id = caller.tenant_id and c.id = correction
  returning * into decided;
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['correction.approved'], payloads => array[jsonb_build_object('correction_id', correction)],
    made_at => moment
  );
  return to_jsonb(decided);
end
$$;
revoke all on function drafts.approve_correction from public;
grant execute on function drafts.approve_correction to authenticated, service_role, app_rw;
