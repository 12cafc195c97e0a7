-- Insert or replace catalog entries, by (tenant_id, tool_slug, version). Their order counts: of several new versions of
-- a tool, the last in the list becomes the newest; of two entries with one key, the last one is stored.
-- call: not repeatable
create or replace function worker_api.save_tools(
  tools jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select app_private.check_texts(
    'actor_type', save_tools.actor_type, 'actor_id', save_tools.actor_id, 'door', save_tools.door
  );
  select app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.tool_catalog (
    tenant_id, tool_slug, version, display_name, description, risk, schema, required_scopes, provider, config,
    idempotent, rate_bucket, scan
  )
  select
    t.tenant_id, t.tool_slug, t.version, t.display_name, t.description, t.risk, t.schema, t.required_scopes,
    t.provider, t.config, t.idempotent, t.rate_bucket, t.scan
  from (
    select distinct on (tool.tenant_id, tool.tool_slug, tool.version) tool.*, e.position
    from jsonb_array_elements(tools) with ordinality as e (entry, position)
    cross join lateral jsonb_populate_record(null::public.tool_catalog, e.entry) as tool
    order by tool.tenant_id, tool.tool_slug, tool.version, e.position desc
  ) as t
  order by t.tenant_id, t.tool_slug, t.position
  on conflict (tenant_id, tool_slug, version) do update
  set display_name = excluded.display_name, description = excluded.description, risk = excluded.risk,
      schema = excluded.schema, required_scopes = excluded.required_scopes, provider = excluded.provider,
      config = excluded.config, idempotent = excluded.idempotent, rate_bucket = excluded.rate_bucket, scan = excluded.scan,
      updated_at = coalesce(as_of, now())
$$;
revoke all on function worker_api.save_tools from public;
grant execute on function worker_api.save_tools to service_role, app_rw;
