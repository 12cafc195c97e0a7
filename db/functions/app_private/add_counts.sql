-- The sum of two JSON objects of numbers, key by key. A key that only one of them has keeps its number.
create or replace function app_private.add_counts(one jsonb, other jsonb)
returns jsonb language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(s.key, s.total), '{}')
  from (
    select c.key, sum(c.value::bigint) as total
    from (select * from jsonb_each_text(one) union all select * from jsonb_each_text(other)) as c
    group by 1
  ) as s
$$;
revoke all on function app_private.add_counts from public;
