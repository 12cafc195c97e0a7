-- Clusters of the active model that no article answers, the most expensive ones first. `tickets`: how many tickets they
-- have; `cost`: what these cost by the settings `minutes_per_ticket` and `cost_per_hour`, 0 if the hour's cost is not
-- known; `weeks`: the tickets of each of the last 12 weeks, the oldest first, up to the day of `as_of` (UTC). Returns a list of
-- {cluster_id, name, subcluster_name, label, tickets, cost, weeks, draft}; `draft` is {id, status, envelope_id,
-- created_at} of the newest article that was drafted for the gap, or null.
-- call: replica
create or replace function autopilot.list_gaps(
  tenant uuid default null, max_gaps integer default 50, as_of timestamptz default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with price as (
    select s.minutes_per_ticket * s.cost_per_hour / 60 as of_ticket, autopilot.tenant_of(list_gaps.tenant) as organization,
      (coalesce(list_gaps.as_of, now()) at time zone 'UTC')::date as today
    from autopilot.settings_of(autopilot.tenant_of(list_gaps.tenant)) as s
  ), gaps as (
    select c.*, counted.tickets
    from price as p
    join autopilot.ml_models as m on m.organization_id = p.organization and m.active
    join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id and c.kb_status = 'GAP'
    cross join lateral (
      select coalesce(sum(d.total_tickets), 0) as tickets from autopilot.analytics_cluster_daily as d
      where d.organization_id = c.organization_id and d.cluster_id = c.id
    ) as counted
    order by counted.tickets desc, c.id
    limit least(max_gaps, 1000)
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'cluster_id', g.id, 'name', g.name, 'subcluster_name', g.subcluster_name, 'label', g.label, 'tickets', g.tickets,
    'cost', round(g.tickets * p.of_ticket, 2), 'weeks', array(
      select coalesce((
        select sum(d.total_tickets) from autopilot.analytics_cluster_daily as d
        where d.organization_id = g.organization_id and d.cluster_id = g.id
          and d.day > p.today - 7 * w.back and d.day <= p.today - 7 * (w.back - 1)
      ), 0)
      from generate_series(12, 1, -1) as w (back)
    ), 'draft', (
      select jsonb_build_object(
        'id', a.id, 'status', a.status, 'envelope_id', a.envelope_id, 'created_at', a.created_at
      )
      from autopilot.article_drafts as a
      where a.organization_id = g.organization_id and a.lineage_id = g.lineage_id
      order by a.created_at desc, a.id
      limit 1
    )
  ) order by g.tickets desc, g.id), '[]')
  from gaps as g cross join price as p
$$;
revoke all on function autopilot.list_gaps from public;
grant execute on function autopilot.list_gaps to authenticated, service_role, app_rw, app_ro;
