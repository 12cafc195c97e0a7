-- How many envelopes and dead letters name each objective of a tenant: [{objective_id, counts, last_activity_at}].
-- `counts` has their number by status; `last_activity_at` is when one of them last changed. An objective without
-- envelopes is left out. Deleted envelopes do not count.
-- call: replica
create or replace function worker_api.read_progress(tenant uuid)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'objective_id', p.objective_id, 'counts', p.counts, 'last_activity_at', p.last_activity_at
  )), '[]')
  from (
    select s.objective_id, jsonb_object_agg(s.status, s.envelopes) as counts, max(s.changed_at) as last_activity_at
    from (
      select o.objective_id, o.status, count(*) as envelopes, max(o.updated_at) as changed_at
      from public.outbox as o
      where o.tenant_id = read_progress.tenant and o.objective_id is not null
      group by 1, 2
      union all
      select d.objective_id, d.status, count(*), max(d.moved_at)
      from public.outbox_dlq as d
      where d.tenant_id = read_progress.tenant and d.objective_id is not null
      group by 1, 2
    ) as s
    group by 1
  ) as p
$$;
revoke all on function worker_api.read_progress from public;
grant execute on function worker_api.read_progress to service_role, app_rw, app_ro, authenticated;
