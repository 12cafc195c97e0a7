-- The tenant's newest envelopes that meet conditions: see worker_api.search_envelopes.
-- call: replica, columns 3 deep
create or replace function tenant_api.search_envelopes(
  max_envelopes integer, before_created_at timestamptz default null, before_id uuid default null,
  status text default null, tool_slug text default null, proposed_by text default null, objective uuid default null,
  since timestamptz default null, until timestamptz default null, words text default null,
  words_id uuid default null
)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.search_envelopes(
    app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'), max_envelopes, before_created_at, before_id,
    status, tool_slug, proposed_by, objective, since, until, words, words_id
  )
$$;
revoke all on function tenant_api.search_envelopes from public;
grant execute on function tenant_api.search_envelopes to authenticated;
