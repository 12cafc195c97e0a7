-- The cause of an error: its first line, with `…` in place of ids, quoted text and numbers. Errors that differ only in
-- these have the same cause. A number of three digits may be an HTTP status and is kept. services/outbox/causes.py
-- computes the same.
-- call: internal
create or replace function worker_api.cause_of(error text)
returns text language sql immutable set search_path = pg_catalog, pg_temp as $$
  select regexp_replace(
    left(split_part(error, E'\n', 1), 200),
    '"[^"]*"|''[^'']*''|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}'
    '|(?<![0-9])(?![1-5][0-9][0-9](?![0-9]))[0-9]+(?:[.,:][0-9]+)*',
    '…', 'g'
  )
$$;
revoke all on function worker_api.cause_of from public;
grant execute on function worker_api.cause_of to service_role, app_rw, app_ro, authenticated;
