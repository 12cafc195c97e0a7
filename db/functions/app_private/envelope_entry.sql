-- The audit row of something that happened to an envelope; `detail` adds what this event has to say.
create or replace function app_private.envelope_entry(
  tenant uuid, actor_type text, actor_id text, event text, envelope uuid, external_id text, tool_slug text, detail jsonb
)
returns app_private.audit_entry language sql immutable set search_path = pg_catalog, pg_temp as $$
  select row(
    tenant, actor_type, actor_id, 'envelope.' || event,
    jsonb_strip_nulls(jsonb_build_object(
      'envelope_id', envelope, 'external_id', external_id, 'tool_slug', tool_slug
    ) || detail)
  )::app_private.audit_entry
$$;
revoke all on function app_private.envelope_entry from public;
