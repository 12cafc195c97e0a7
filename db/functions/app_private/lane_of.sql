-- The lane of an envelope. `key` is its ordering key or, without one, its external_id. `lanes` is the number of lanes
-- of its tenant. The hash is the same on every platform and in every PostgreSQL version.
create or replace function app_private.lane_of(key text, lanes smallint)
returns smallint language sql immutable set search_path = pg_catalog, pg_temp as $$
  select (get_byte(h.hash, 0) * 256 + get_byte(h.hash, 1)) % lanes
  from (select sha256(convert_to(key, 'UTF8')) as hash) as h
$$;
revoke all on function app_private.lane_of from public;
