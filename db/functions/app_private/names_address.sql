-- Whether any text in a JSON document names this e-mail address (given in lower case). A text with joann@x.example does
-- not name ann@x.example.
create or replace function app_private.names_address(document jsonb, address text)
returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select strpos(lower(document::text), address) > 0 and exists (
    select from jsonb_path_query(document, 'strict $.** ? (@.type() == "string")') as t (value)
    where lower(t.value #>> '{}') ~ (
      '(^|[^a-z0-9._%+-])' || regexp_replace(address, '([.*+?^${}()|\[\]\\])', '\\\1', 'g') || '(?![a-z0-9-]|\.[a-z0-9])'
    )
  )
$$;
revoke all on function app_private.names_address from public;
