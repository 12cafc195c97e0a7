-- Measure again how long the tickets of each cluster of the active model usually take: the number of hours within which
-- nine of ten of its newest 500 resolved tickets were resolved. Clusters with fewer than `min_tickets` resolved tickets
-- get no such time. For the job `cluster_times`. Returns {clusters}: how many have one.
-- call: repeatable
create or replace function autopilot.refresh_cluster_times(
  tenant uuid, min_tickets integer default 10, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
set enable_seqscan = off as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  measured integer;
begin
  insert into autopilot.cluster_times as k (organization_id, cluster_id, usual_hours, resolved_tickets, computed_at)
  select c.organization_id, c.id, newest.usual_hours, newest.tickets, moment
  from autopilot.ml_models as m
  join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id
  cross join lateral (
    select percentile_cont(0.9) within group (
      order by extract(epoch from greatest(r.resolved_at - r.opened_at, interval '0')) / 3600
    ) as usual_hours, count(*) as tickets
    from (
      select t.resolved_at, coalesce(t.source_created_at, t.created_at) as opened_at from autopilot.tickets as t
      where t.organization_id = c.organization_id and t.cluster_id = c.id and t.resolved_at is not null
      order by t.resolved_at desc limit 500
    ) as r
  ) as newest
  where m.organization_id = refresh_cluster_times.tenant and m.active and newest.tickets >= min_tickets
  order by c.id
  on conflict (organization_id, cluster_id) do update
  set
    usual_hours = excluded.usual_hours, resolved_tickets = excluded.resolved_tickets, computed_at = excluded.computed_at;
  get diagnostics measured = row_count;
  return jsonb_build_object('clusters', measured);
end
$$;
revoke all on function autopilot.refresh_cluster_times from public;
grant execute on function autopilot.refresh_cluster_times to service_role, app_rw;
