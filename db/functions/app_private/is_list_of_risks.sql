-- Whether the value is a JSON list of risks.
create or replace function app_private.is_list_of_risks(document jsonb)
returns boolean language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_typeof(document) = 'array' and document <@ '["low", "medium", "high"]'
$$;
revoke all on function app_private.is_list_of_risks from public;
