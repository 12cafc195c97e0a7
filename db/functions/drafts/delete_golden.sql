-- Delete a golden and its document. For owners and reviewers. Raises PT404 for an unknown golden, and PT403.
-- call: not repeatable
create or replace function drafts.delete_golden(
  golden uuid, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  deleted drafts.goldens;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  delete from drafts.goldens as g where g.tenant_id = caller.tenant_id and g.id = golden returning * into deleted;
  if not found then
    raise exception 'golden: no golden %', golden using errcode = 'PT404';
  end if;
  delete from drafts.source_documents as d
  where d.tenant_id = caller.tenant_id and d.source_url = 'golden:' || deleted.external_id;
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['golden.deleted'], payloads => array[jsonb_build_object('golden_id', golden)],
    made_at => moment
  );
end
$$;
revoke all on function drafts.delete_golden from public;
grant execute on function drafts.delete_golden to authenticated, service_role, app_rw;
