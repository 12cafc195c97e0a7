-- The payload of an audit row about an envelope. `detail` has more fields for this event. Null fields are left out.
create or replace function app_private.envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb)
returns jsonb language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_strip_nulls(
    jsonb_build_object('envelope_id', envelope, 'external_id', external_id, 'tool_slug', tool_slug) || detail
  )
$$;
revoke all on function app_private.envelope_event from public;
