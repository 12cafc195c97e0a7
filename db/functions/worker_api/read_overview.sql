-- The numbers of the overview, of one tenant or of all (null). Counting stops at 10001 ("more than 10000"), so that the
-- call is fast for a large queue. Two lists are null for one tenant: `failing_jobs` (the last run of the job failed or
-- was lost), and `tenants_to_check` (at most 50 tenants with tools or accounts that need a person).
-- call: replica
create or replace function worker_api.read_overview(tenant uuid default null, as_of timestamptz default null)
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
  with recursive jobs (job) as (   -- reads each name by index, because a job has a thousand runs
    select min(r.job) from app_private.job_runs as r where read_overview.tenant is null
    union all
    select (select min(r.job) from app_private.job_runs as r where r.job > j.job) from jobs as j where j.job is not null
  )
  select jsonb_build_object(
    'tenants', (
      select count(*) from (
        select from public.tenants as t where read_overview.tenant is null or t.id = read_overview.tenant limit 10001
      ) as found
    ),
    'paused_tenants', (
      select count(*) from (
        select from public.tenants as t
        where t.paused_at is not null and (t.pause_ends_at is null or t.pause_ends_at > coalesce(as_of, now()))
          and (read_overview.tenant is null or t.id = read_overview.tenant)
        limit 10001
      ) as found
    ),
    'pending', (
      select count(*) from (   -- envelopes that wait behind another one have a separate index
        (
          select from app_private.open_envelopes as o
          where o.status = 'pending' and not o.waits
            and (read_overview.tenant is null or o.tenant_id = read_overview.tenant)
          limit 10001
        )
        union all
        (
          select from app_private.open_envelopes as o
          where o.status = 'pending' and o.waits
            and (read_overview.tenant is null or o.tenant_id = read_overview.tenant)
          limit 10001
        )
        limit 10001
      ) as found
    ),
    'unknown', (
      select count(*) from (
        select from app_private.open_envelopes as o
        where o.status = 'unknown' and (read_overview.tenant is null or o.tenant_id = read_overview.tenant)
        limit 10001
      ) as found
    ),
    'in_flight', (
      select least(10001, coalesce(sum(cardinality(l.in_flight)), 0)) from app_private.lanes as l
      where l.worker_id is not null and (read_overview.tenant is null or l.tenant_id = read_overview.tenant)
    ),
    'oldest_due_at', (
      select min(due.next_run_at)
      from public.tenants as t
      join app_private.lanes as l on l.tenant_id = t.id
      cross join lateral (
        select o.next_run_at from app_private.open_envelopes as o
        where o.tenant_id = l.tenant_id and o.lane = l.lane and o.status = 'pending' and not o.waits
          and o.next_run_at <= coalesce(as_of, now())
          and (o.ordering_key is null or not exists (
            select from app_private.open_envelopes as older
            where older.tenant_id = o.tenant_id and older.ordering_key = o.ordering_key
              and (older.created_at, older.id) < (o.created_at, o.id)
          ))
        order by o.next_run_at, o.id
        limit 1
      ) as due
      where (t.paused_at is null or t.pause_ends_at <= coalesce(as_of, now()))
        and (read_overview.tenant is null or t.id = read_overview.tenant)
    ),
    'dead_letters', (
      select count(*) from (
        select from public.outbox_dlq as d
        where read_overview.tenant is null or d.tenant_id = read_overview.tenant
        limit 10001
      ) as found
    ),
    'approvals', (
      select count(*) from (
        select from public.approvals as a
        where a.decision is null and (read_overview.tenant is null or a.tenant_id = read_overview.tenant)
        limit 10001
      ) as found
    ),
    'quarantined_tools', (
      select count(*) from (
        select from public.tool_catalog as c
        where c.status = 'quarantined' and (read_overview.tenant is null or c.tenant_id = read_overview.tenant)
        limit 10001
      ) as found
    ),
    'unhealthy_accounts', (
      select count(*) from (
        select from public.connected_accounts as a
        where a.status in ('expired', 'error')
          and (read_overview.tenant is null or a.tenant_id = read_overview.tenant)
        limit 10001
      ) as found
    ),
    'tenants_to_check', case when read_overview.tenant is null then (
      select coalesce(jsonb_agg(jsonb_build_object(
        'tenant_id', t.id, 'name', t.name, 'quarantined_tools', c.tools, 'unhealthy_accounts', c.accounts
      ) order by t.name, t.id), '[]')
      from (
        select f.tenant_id, sum(f.tools) as tools, sum(f.accounts) as accounts
        from (
          select c.tenant_id, 1 as tools, 0 as accounts from public.tool_catalog as c where c.status = 'quarantined'
          union all
          select a.tenant_id, 0, 1 from public.connected_accounts as a where a.status in ('expired', 'error')
        ) as f
        group by 1
        order by 1
        limit 50
      ) as c
      join public.tenants as t on t.id = c.tenant_id
    ) end,
    'failing_jobs', case when read_overview.tenant is null then (
      select coalesce(jsonb_agg(j.job order by j.job), '[]')
      from jobs as j
      cross join lateral (
        select r.status from app_private.job_runs as r
        where r.job = j.job and r.status <> 'running'
        order by r.started_at desc, r.id
        limit 1
      ) as last
      where last.status in ('failed', 'lost')
    ) end
  )
$$;
revoke all on function worker_api.read_overview from public;
grant execute on function worker_api.read_overview to service_role, app_rw, app_ro;
