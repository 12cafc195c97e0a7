-- Check the fields of a JSON object that a caller wrote. `kinds` has the kind of each field: text, flag, integer,
-- number, moment, date, id, object or list. A field that is absent, null, or not in `kinds` passes. Raises PT400 with
-- the name of the first wrong field. `path` is the name of the object in messages, such as `files[2]`.
-- call: internal
create or replace function drafts.check_fields(path text, document jsonb, kinds jsonb)
returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  field record;
  problem text;
begin
  if jsonb_typeof(document) is distinct from 'object' then
    raise exception '%: must be a JSON object', path using errcode = 'PT400';
  end if;
  for field in
    select k.key, k.value as kind, document -> k.key as value, jsonb_typeof(document -> k.key) as found
    from jsonb_each_text(kinds) as k
    where jsonb_typeof(document -> k.key) <> 'null'
    order by k.key
  loop
    problem := case field.kind
      when 'text' then case when field.found <> 'string' then 'must be a text' end
      when 'flag' then case when field.found <> 'boolean' then 'must be true or false' end
      when 'number' then case when field.found <> 'number' then 'must be a number' end
      when 'integer' then case
        when field.found <> 'number' then 'must be a whole number'
        when (field.value)::numeric <> trunc((field.value)::numeric) then 'must be a whole number'
        when abs((field.value)::numeric) > 2147483647 then 'must be at most 2147483647'
      end
      when 'object' then case when field.found <> 'object' then 'must be a JSON object' end
      when 'list' then case when field.found <> 'array' then 'must be a list' end
      when 'id' then case
        when field.found <> 'string' or field.value #>> '{}' !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
          then 'must be a UUID'
      end
      when 'date' then 'must be a date, such as 2026-03-01'
      when 'moment' then 'must be a time in ISO 8601, such as 2026-03-01T09:00:00Z'
    end;
    if field.kind in ('date', 'moment') and field.found = 'string'
      and field.value #>> '{}' ~ (case field.kind when 'date' then '^\d{4}-\d\d-\d\d$' else '^\d{4}-\d\d-\d\dT\d\d:\d\d' end)
    then
      begin
        perform (field.value #>> '{}')::timestamptz;
        problem := null;
      exception when data_exception then null;   -- such as the 30th of February
      end;
    end if;
    if problem is not null then
      raise exception '%: %', case when path like '%]' then path || '.' else '' end || field.key, problem
        using errcode = 'PT400';
    end if;
  end loop;
end
$$;
revoke all on function drafts.check_fields from public;
