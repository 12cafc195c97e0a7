-- Whether the value is a list of conditions on arguments that services/guardrails/approval_rules.py can read.
create or replace function app_private.are_conditions(document jsonb)
returns boolean language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_typeof(document) = 'array' and jsonb_array_length(document) <= 20 and not exists (
    select from jsonb_array_elements(document) as c
    where case
      when jsonb_typeof(c) <> 'object' then true
      when jsonb_typeof(c -> 'argument') is distinct from 'string' then true
      when c ->> 'argument' !~ '^[^.\s]+(\.[^.\s]+)*$' or length(c ->> 'argument') > 255 then true
      when (select count(*) from jsonb_object_keys(c)) <> 2 or not c ?| array['above', 'below', 'equals', 'one_of'] then true
      when c ?| array['above', 'below'] then jsonb_typeof(coalesce(c -> 'above', c -> 'below')) <> 'number'
      when c ? 'equals' then jsonb_typeof(c -> 'equals') in ('object', 'array')
      else jsonb_typeof(c -> 'one_of') <> 'array'
        or jsonb_path_exists(c -> 'one_of', 'strict $[*] ? (@.type() == "object" || @.type() == "array")')
        or jsonb_array_length(case when jsonb_typeof(c -> 'one_of') = 'array' then c -> 'one_of' else '[]' end) not between 1 and 1000
    end
  )
$$;
revoke all on function app_private.are_conditions from public;
