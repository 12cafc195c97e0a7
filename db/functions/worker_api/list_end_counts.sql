-- How many envelopes ended in each span of the length `every` that began at `since` or later, of one tenant or of all
-- together (null). Returns {uncounted, spans}. `spans` is [{starts_at, counts}], the oldest first, without spans in
-- which no envelope ended. `uncounted` is the number of audit rows that worker_api.count_ends has not read yet.
-- call: replica
create or replace function worker_api.list_end_counts(tenant uuid, every interval, since timestamptz)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
  select jsonb_build_object(
    'uncounted', (
      select coalesce(sum(h.seq - coalesce(p.seq, 0)), 0)
      from app_private.audit_heads as h
      left join app_private.end_positions as p on p.tenant_id = h.tenant_id
      where list_end_counts.tenant is null or h.tenant_id = list_end_counts.tenant
    ),
    'spans', (
      select coalesce(jsonb_agg(
        jsonb_build_object('starts_at', c.starts_at, 'counts', c.counts) order by c.starts_at
      ), '[]')
      from app_private.end_counts as c
      where (c.tenant_id = list_end_counts.tenant or list_end_counts.tenant is null and c.tenant_id is null)
        and c.every = list_end_counts.every and c.starts_at >= list_end_counts.since
    )
  )
$$;
revoke all on function worker_api.list_end_counts from public;
grant execute on function worker_api.list_end_counts to service_role, app_rw, app_ro;
