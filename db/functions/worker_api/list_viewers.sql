-- Who looks at pending approvals of one tenant or of all (null): {envelope_id, viewer, seen_at} of those seen in the last
-- 30 seconds, at most 1000. Not from a replica, which does not have the table.
-- call: repeatable
create or replace function worker_api.list_viewers(tenant uuid, as_of timestamptz default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(recent order by recent.envelope_id, recent.viewer), '[]')
  from (
    select v.envelope_id, v.viewer, v.seen_at
    from public.approval_viewers as v
    where (list_viewers.tenant is null or v.tenant_id = list_viewers.tenant)
      and v.seen_at > coalesce(as_of, now()) - interval '30 seconds'
    order by v.envelope_id, v.viewer
    limit 1000
  ) as recent
$$;
revoke all on function worker_api.list_viewers from public;
grant execute on function worker_api.list_viewers to service_role, app_rw, app_ro, authenticated;
