-- The catalog entries with these keys {tenant_id, tool_slug, version}, as [{asked, tool}], where `asked` is the
-- position of the key, from 1. A key without a version means the newest version that is not retired. Keys without an
-- entry are left out.
-- A tool has the columns of its row and two more values. `stamp` changes with every change of the tool. `drifted_to` is
-- the schema_hash of a changed version that waits for a decision.
-- call: repeatable, columns 3 deep
create or replace function worker_api.find_tools(keys jsonb)
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with k as (
    select a.position, (a.key ->> 'tenant_id')::uuid as tenant_id, a.key ->> 'tool_slug' as tool_slug,
      a.key ->> 'version' as version
    from jsonb_array_elements(keys) with ordinality as a (key, position)
  ), found as (
    select k.position, to_jsonb(newest) || jsonb_build_object('drifted_to', replacement.schema_hash) as tool
    from k
    cross join lateral (
      select c.*
      from public.tool_catalog as c
      where c.tenant_id = k.tenant_id and c.tool_slug = k.tool_slug
        and case when k.version is null then c.status <> 'retired' else c.version = k.version end
      order by c.id desc
      limit 1
    ) as newest
    left join lateral (
      select c.schema_hash
      from public.tool_catalog as c
      where newest.status in ('drifted', 'quarantined')
        and c.tenant_id = newest.tenant_id and c.tool_slug = newest.tool_slug and c.status = 'quarantined'
      order by c.id desc
      limit 1
    ) as replacement on true
    where k.tool_slug not like 'control\_plane\_\_event.%'
    union all
    select k.position, app_private.subscription_tool(s)
    from k
    join public.event_subscriptions as s
      on s.tenant_id = k.tenant_id and k.tool_slug = 'control_plane__event.' || s.id
    where k.tool_slug like 'control\_plane\_\_event.%'
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'asked', f.position,
    'tool', f.tool || jsonb_build_object('stamp', app_private.tool_stamp(k.tenant_id, k.tool_slug))
  )), '[]')
  from found as f
  join k using (position)
$$;
revoke all on function worker_api.find_tools from public;
grant execute on function worker_api.find_tools to service_role, app_rw, outbox_worker;
