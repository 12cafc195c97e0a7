-- The people who look at pending approvals of one tenant or of all (null), as [{envelope_id, viewer, seen_at}]: those
-- seen in the last 30 seconds. At most 1000 of one tenant, or 100 of each tenant. A replica cannot answer, because the
-- table is unlogged.
-- call: repeatable
create or replace function worker_api.list_viewers(tenant uuid, as_of timestamptz default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(
    jsonb_build_object('envelope_id', recent.envelope_id, 'viewer', recent.viewer, 'seen_at', recent.seen_at)
    order by recent.envelope_id, recent.viewer
  ), '[]')
  from (
    select v.*, row_number() over (partition by v.tenant_id order by v.envelope_id, v.viewer) as nth
    from public.approval_viewers as v
    where (list_viewers.tenant is null or v.tenant_id = list_viewers.tenant)
      and v.seen_at > coalesce(as_of, now()) - interval '30 seconds'
  ) as recent
  where recent.nth <= case when list_viewers.tenant is null then 100 else 1000 end
$$;
revoke all on function worker_api.list_viewers from public;
grant execute on function worker_api.list_viewers to service_role, app_rw, app_ro, authenticated;
