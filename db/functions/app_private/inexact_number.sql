-- The path of the first number that would change on the way to a tool, such as `.items[2].amount`. Null if all numbers
-- are exact.
-- Integers that fit into 64 bits are exact. Decimals are exact if they are below 2^63 and equal the shortest notation
-- of their nearest 64-bit float: see docs/decisions/021.
create or replace function app_private.inexact_number(document jsonb)
returns text language sql immutable parallel safe
set search_path = pg_catalog, pg_temp set extra_float_digits = 1 as $$
  with recursive node (path, value) as (
    select '', document
    union all
    select node.path || inner_node.step, inner_node.value
    from node
    cross join lateral (
      select '.' || o.key as step, o.value
      from jsonb_each(case jsonb_typeof(node.value) when 'object' then node.value end) as o
      union all
      select format('[%s]', a.position - 1), a.value
      from jsonb_array_elements(case jsonb_typeof(node.value) when 'array' then node.value end)
        with ordinality as a (value, position)
    ) as inner_node
  )
  select node.path
  from node
  cross join lateral (
    select case jsonb_typeof(node.value) when 'number' then node.value::numeric end as value
  ) as number
  where case
    when number.value is null or number.value = 0 then false
    when scale(number.value) = 0 then number.value not between -9223372036854775808 and 9223372036854775807
    -- between these two bounds, a cast to float8 raises no error
    when abs(number.value) not between 5e-324 and 9223372036854775807 then true
    else number.value::float8::text::numeric <> number.value
  end
  limit 1
$$;
revoke all on function app_private.inexact_number from public;
