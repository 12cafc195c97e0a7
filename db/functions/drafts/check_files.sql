-- Check the files of a reply: a list of at most 20 of {file_name, mime_type, size_bytes, file_url}, where name and URL
-- are required. Null passes. Raises PT400 with the name of the first wrong field.
-- call: internal
create or replace function drafts.check_files(files jsonb)
returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  one record;
begin
  if files is null then
    return;
  elsif jsonb_typeof(files) <> 'array' or jsonb_array_length(files) > 20 then
    raise exception 'attachments: must be a list of at most 20' using errcode = 'PT400';
  end if;
  for one in
    select f.file, format('attachments[%s]', f.nth - 1) as path
    from jsonb_array_elements(files) with ordinality as f (file, nth)
  loop
    perform drafts.check_fields(one.path, one.file, jsonb_build_object(
      'file_name', 'text', 'mime_type', 'text', 'size_bytes', 'integer', 'file_url', 'text'
    ));
    if coalesce(one.file ->> 'file_name', '') = '' then
      raise exception '%.file_name: is required', one.path using errcode = 'PT400';
    elsif coalesce(one.file ->> 'file_url', '') !~ '^https://[!-~]+$' then
      raise exception '%.file_url: must be an https URL', one.path using errcode = 'PT400';
    end if;
  end loop;
end
$$;
revoke all on function drafts.check_files from public;
