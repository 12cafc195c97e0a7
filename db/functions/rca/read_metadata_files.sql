-- The files of a version of a metadata set, by path, as they were imported. Without `version`: of the newest version. For
-- everybody of the tenant. Raises PT404, PT403. Returns {version, files: a list of {path, content}}.
-- call: repeatable
create or replace function rca.read_metadata_files(
  set_name text, version integer default null, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
  wanted integer;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  select v.version into wanted
  from rca.metadata_versions as v
  where v.tenant_id = caller.tenant_id and v.set_name = read_metadata_files.set_name
    and (read_metadata_files.version is null or v.version = read_metadata_files.version)
  order by v.version desc limit 1;
  if wanted is null then
    raise exception 'metadata set: no set % with this version', read_metadata_files.set_name using errcode = 'PT404';
  end if;
  return jsonb_build_object('version', wanted, 'files', (
    select jsonb_agg(jsonb_build_object('path', f.path, 'content', f.content) order by f.path)
    from rca.metadata_files as f
    where f.tenant_id = caller.tenant_id and f.set_name = read_metadata_files.set_name and f.version = wanted
  ));
end
$$;
revoke all on function rca.read_metadata_files from public;
grant execute on function rca.read_metadata_files to authenticated, service_role, app_rw;
