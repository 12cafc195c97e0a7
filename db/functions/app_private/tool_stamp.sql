-- A text that changes whenever this tool changes: one of its catalog entries, or the subscription whose events it
-- delivers. A tool that is not in the catalog has a stamp too. Workers use it like app_private.policy_stamp.
create or replace function app_private.tool_stamp(tenant uuid, tool_slug text)
returns text language sql stable set search_path = pg_catalog, pg_temp as $$
  select hashtextextended(concat(
    (
      select string_agg(c.xmin::text, '.' order by c.id)
      from public.tool_catalog as c
      where c.tenant_id = tool_stamp.tenant and c.tool_slug = tool_stamp.tool_slug
    ), '/',
    case when tool_slug like 'control\_plane\_\_event.%' then (
      select s.xmin from public.event_subscriptions as s
      where s.tenant_id = tool_stamp.tenant and tool_slug = 'control_plane__event.' || s.id
    ) end
  ), 0)::text
$$;
revoke all on function app_private.tool_stamp from public;
