-- The SHA-256 of the files of a metadata set, {path, content} each, in any order.
-- call: internal
create or replace function rca.hash_files(files jsonb)
returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(
    (select jsonb_agg(f.file order by f.file ->> 'path') from jsonb_array_elements(files) as f (file))::text, 'UTF8'
  )), 'hex')
$$;
revoke all on function rca.hash_files from public;
