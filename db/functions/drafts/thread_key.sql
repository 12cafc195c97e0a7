-- A key of a conversation or message as it is stored: the key, or its SHA-256 if it is too long for the column.
-- call: internal
create or replace function drafts.thread_key(key text, at_most integer)
returns text language sql immutable strict set search_path = pg_catalog, pg_temp as $$
  select case
    when octet_length(key) <= at_most then key
    else 'sha256:' || encode(sha256(convert_to(key, 'UTF8')), 'hex')
  end
$$;
revoke all on function drafts.thread_key from public;
