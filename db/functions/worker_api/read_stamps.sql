-- The stamps of a tenant's policy and of these tools: {policy, tools: {tool_slug: stamp}}. An earlier result of
-- read_policies or find_tools is still current if its stamp is the same.
-- call: repeatable
create or replace function worker_api.read_stamps(tenant uuid, tool_slugs text[])
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'policy', app_private.policy_stamp(tenant),
    'tools', (
      select coalesce(jsonb_object_agg(s.slug, app_private.tool_stamp(tenant, s.slug)), '{}')
      from (select distinct unnest(tool_slugs) as slug) as s
    )
  )
$$;
revoke all on function worker_api.read_stamps from public;
grant execute on function worker_api.read_stamps to service_role, app_rw;
