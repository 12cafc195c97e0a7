-- The metadata sets of a tenant by name, with the counts of their rows. For everybody of the tenant. Raises PT404, PT403.
-- Returns a list of {name, version, imported_at, imported_by, counts, files_sha256}.
-- call: repeatable
create or replace function rca.list_metadata_sets(
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', s.name, 'version', s.version, 'imported_at', v.created_at, 'imported_by', v.imported_by,
      'counts', v.counts, 'files_sha256', v.files_sha256
    ) order by s.name), '[]')
    from rca.metadata_sets as s
    join rca.metadata_versions as v on v.tenant_id = s.tenant_id and v.set_name = s.name and v.version = s.version
    where s.tenant_id = caller.tenant_id
  );
end
$$;
revoke all on function rca.list_metadata_sets from public;
grant execute on function rca.list_metadata_sets to authenticated, service_role, app_rw;
