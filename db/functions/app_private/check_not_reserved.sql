-- Raise PT403 if a tenant's proposal calls a tool that delivers events, or has the ordering key of event deliveries,
-- because a tenant could delay events with that key. Otherwise returns true.
create or replace function app_private.check_not_reserved(tool_slugs text[], metadata jsonb[])
returns boolean language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from unnest(tool_slugs) as s (slug) where s.slug like 'control\_plane\_\_event.%') then
    raise exception 'tool_slug: delivers events, which only the control plane sends; propose another tool' using errcode = 'PT403';
  elsif exists (select from unnest(metadata) as m (document) where m.document ->> 'ordering_key' like 'control\_plane:%') then
    raise exception 'metadata.ordering_key: must not begin with control_plane:' using errcode = 'PT403';
  end if;
  return true;
end
$$;
revoke all on function app_private.check_not_reserved from public;
