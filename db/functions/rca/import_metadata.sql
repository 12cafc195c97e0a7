-- Store a set of metadata, in place of the rows of its last version, all or nothing. `files`: a list of {path, content}.
-- `rows`: a list of rows for each table, as rca.replace_rows takes it. `fingerprints`: a hash of each row, by kind and
-- key. `report`: what was derived, rejected or noted. The same files with the same fingerprints change nothing. With
-- `is_dry_run`, nothing is stored. For owners. Raises PT403, PT404, PT400. Returns {version, is_changed, added, removed,
-- changed}: the version of the set after the import, and which keys differ from the version before.
-- call: repeatable
create or replace function rca.import_metadata(
  set_name text, files jsonb, rows jsonb, fingerprints jsonb, report jsonb, is_dry_run boolean default false,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  before rca.metadata_versions;
  sha256 text;
  counts jsonb;
  diff jsonb;
  is_new boolean;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  if coalesce(set_name, '') !~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$' then
    raise exception 'set_name: must have 1 to 100 letters, digits, dots, hyphens or underscores' using errcode = 'PT400';
  elsif jsonb_typeof(files) is distinct from 'array' or jsonb_array_length(files) not between 1 and 100 then
    raise exception 'files: must be a list of 1 to 100' using errcode = 'PT400';
  elsif jsonb_typeof(rows) is distinct from 'object' then
    raise exception 'rows: must be an object' using errcode = 'PT400';
  elsif jsonb_typeof(fingerprints) is distinct from 'object' then
    raise exception 'fingerprints: must be an object' using errcode = 'PT400';
  elsif jsonb_typeof(report) is distinct from 'object' then
    raise exception 'report: must be an object' using errcode = 'PT400';
  end if;
  -- two imports of a set, one after the other
  perform pg_advisory_xact_lock(hashtextextended(format('%s %s', caller.tenant_id, import_metadata.set_name), 80));
  select v.* into before
  from rca.metadata_sets as s
  join rca.metadata_versions as v on v.tenant_id = s.tenant_id and v.set_name = s.name and v.version = s.version
  where s.tenant_id = caller.tenant_id and s.name = import_metadata.set_name;
  sha256 := rca.hash_files(files);
  select jsonb_build_object(
    'added', coalesce(jsonb_agg(key order by key) filter (where o.value is null), '[]'),
    'removed', coalesce(jsonb_agg(key order by key) filter (where n.value is null), '[]'),
    'changed', coalesce(jsonb_agg(key order by key) filter (where n.value <> o.value), '[]')
  ) into diff
  from jsonb_each_text(import_metadata.fingerprints) as n
  full join jsonb_each_text(coalesce(before.fingerprints, '{}')) as o using (key)
  where n.value is distinct from o.value;
  is_new := before.files_sha256 is distinct from sha256
    or before.fingerprints is distinct from import_metadata.fingerprints;
  if is_new and not coalesce(is_dry_run, false) then
    select coalesce(jsonb_object_agg(k.key, jsonb_array_length(k.value)), '{}') into counts
    from jsonb_each(import_metadata.rows) as k;
    insert into rca.metadata_sets as s (tenant_id, name, version, created_at, updated_at)
    values (caller.tenant_id, import_metadata.set_name, coalesce(before.version, 0) + 1, moment, moment)
    on conflict on constraint metadata_sets_pkey do update set version = excluded.version;
    insert into rca.metadata_versions (
      tenant_id, set_name, version, files_sha256, fingerprints, counts, report, imported_by, created_at
    )
    values (
      caller.tenant_id, import_metadata.set_name, coalesce(before.version, 0) + 1, sha256,
      import_metadata.fingerprints, counts, import_metadata.report, coalesce(caller.actor_id, 'unnamed'), moment
    );
    insert into rca.metadata_files (tenant_id, set_name, version, path, content)
    select caller.tenant_id, import_metadata.set_name, coalesce(before.version, 0) + 1, f.path, f.content
    from jsonb_to_recordset(import_metadata.files) as f (path text, content text);
    perform rca.replace_rows(caller.tenant_id, import_metadata.set_name, import_metadata.rows, moment);
    perform rca.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'metadata.imported', jsonb_build_object(
      'set_name', import_metadata.set_name, 'version', coalesce(before.version, 0) + 1, 'files_sha256', sha256,
      'rows', counts, 'added', jsonb_array_length(diff -> 'added'),
      'removed', jsonb_array_length(diff -> 'removed'), 'changed', jsonb_array_length(diff -> 'changed')
    ), moment);
  end if;
  return diff || jsonb_build_object(
    'is_changed', is_new, 'version', coalesce(before.version, 0) + (is_new and not coalesce(is_dry_run, false))::integer
  );
end
$$;
revoke all on function rca.import_metadata from public;
grant execute on function rca.import_metadata to authenticated, service_role, app_rw;
