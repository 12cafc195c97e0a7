-- The audit payload of something that happened to an envelope; `detail` adds what this event has to say.
create or replace function app_private.envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb)
returns jsonb language sql immutable set search_path = pg_catalog, pg_temp as $$
  select jsonb_strip_nulls(
    jsonb_build_object('envelope_id', envelope, 'external_id', external_id, 'tool_slug', tool_slug) || detail
  )
$$;
revoke all on function app_private.envelope_event from public;
