-- The minutes after midnight of an hour (22) or a time ("22:30"). Null for any other value.
create or replace function app_private.minutes_of(value jsonb)
returns integer language sql immutable set search_path = pg_catalog, pg_temp as $$
  select minutes
  from (
    select case
      when jsonb_typeof(value) = 'number' and value #>> '{}' ~ '^[0-9]{1,2}$' then (value #>> '{}')::integer * 60
      when jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[0-9]{1,2}:[0-5][0-9]$'
        then split_part(value #>> '{}', ':', 1)::integer * 60 + split_part(value #>> '{}', ':', 2)::integer
    end as minutes
  ) as parsed
  where minutes <= 24 * 60
$$;
revoke all on function app_private.minutes_of from public;
