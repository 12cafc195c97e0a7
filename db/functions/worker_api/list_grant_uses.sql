-- The calls that a grant allowed, the newest first. `tool_slug` and `external_id` are null once the envelope has been
-- deleted. For the next page, `before_used_at` and `before_id` are the time and the envelope of the last use on the
-- previous page.
-- call: replica
create or replace function worker_api.list_grant_uses(
  tenant uuid, id uuid, max_rows integer, before_used_at timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', u.tenant_id, 'grant_id', u.grant_id, 'envelope_id', u.envelope_id, 'used_at', u.used_at,
    'tool_slug', coalesce(o.tool_slug, d.tool_slug), 'external_id', coalesce(o.external_id, d.external_id)
  ) order by u.used_at desc, u.envelope_id desc), '[]')
  from (
    select use_row.* from public.grant_uses as use_row
    where use_row.tenant_id = list_grant_uses.tenant and use_row.grant_id = list_grant_uses.id
      -- A sub-query, because under row-level security a condition with coalesce() cannot use an index.
      and (use_row.used_at, use_row.envelope_id) < (
        select coalesce(before_used_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by use_row.used_at desc, use_row.envelope_id desc
    limit max_rows
  ) as u
  left join public.outbox as o on o.tenant_id = u.tenant_id and o.id = u.envelope_id
  left join public.outbox_dlq as d on d.tenant_id = u.tenant_id and d.id = u.envelope_id
$$;
revoke all on function worker_api.list_grant_uses from public;
grant execute on function worker_api.list_grant_uses to service_role, app_rw, app_ro, authenticated;
