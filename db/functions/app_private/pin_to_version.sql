-- Pin to `version` those `pending` or `awaiting_approval` envelopes of a tool that are pinned to a retired version. The
-- caller has locked the tenant's lanes.
create or replace function app_private.pin_to_version(tenant uuid, tool_slug text, version text, as_of timestamptz)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  update public.outbox as o
  set tool_version = pin_to_version.version, updated_at = as_of
  from app_private.open_envelopes as e
  where e.tenant_id = pin_to_version.tenant and o.tenant_id = e.tenant_id and o.id = e.id
    and o.tool_slug = pin_to_version.tool_slug and e.status in ('pending', 'awaiting_approval')
    and exists (
      select from public.tool_catalog as c
      where c.tenant_id = o.tenant_id and c.tool_slug = o.tool_slug and c.version = o.tool_version
        and c.status = 'retired'
    )
$$;
revoke all on function app_private.pin_to_version from public;
