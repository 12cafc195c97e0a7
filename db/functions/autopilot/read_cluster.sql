-- A cluster of any model, as `list_clusters` has it, with `statuses` (how many of its tickets are in each status),
-- `example_tickets` (a list of {id, external_id, subject}), `predecessors` (a list of {lineage_id, kind,
-- shared_tickets, name}), `not_merged_with` (the clusters of the same model that are never merged with it), `pins` (how
-- many tickets are pinned to it), `is_active` (whether its model is the active one) and `etag`, which changes with the
-- label. Null if there is no such cluster.
-- call: replica
create or replace function autopilot.read_cluster(cluster uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- tickets are looked up in the order of their primary key
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  select to_jsonb(c) || jsonb_build_object(
    'tickets', coalesce(n.tickets, 0), 'statuses', coalesce(n.statuses, '{}'), 'is_active', m.active,
    'etag', left(md5(coalesce(c.label, '')), 16),
    'articles', (
      select count(*) from autopilot.article_clusters as k
      join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
      where k.organization_id = c.organization_id and k.cluster_id = c.id and a.status = 'active'
    ),
    'cohesion', (
      select k.cohesion from autopilot.cluster_centroids as k
      where k.organization_id = c.organization_id and k.cluster_id = c.id
    ),
    'pins', (
      select count(*) from autopilot.ticket_pins as p
      where p.organization_id = c.organization_id and p.lineage_id = c.lineage_id
    ),
    'example_tickets', (
      select coalesce(jsonb_agg(
        jsonb_build_object('id', t.id, 'external_id', t.external_id, 'subject', left(t.subject, 300)) order by e.place
      ), '[]')
      from (   -- `offset 0`: row-level security keeps a cast out of an index
        select x.id::uuid, x.place from jsonb_array_elements_text(c.examples) with ordinality as x (id, place)
        offset 0
      ) as e
      cross join lateral (   -- the primary key is the only index with this order
        select n.id, n.external_id, n.subject from autopilot.tickets as n
        where n.organization_id = c.organization_id and n.id >= e.id
        order by n.organization_id, n.id limit 1
      ) as t
      where t.id = e.id
    ),
    'predecessors', (
      select coalesce(jsonb_agg(
        jsonb_build_object(
          'lineage_id', p.predecessor_lineage_id, 'kind', p.kind, 'shared_tickets', p.shared_tickets, 'name', (
            select coalesce(o.label, o.name) from autopilot.clusters as o
            where o.organization_id = p.organization_id and o.lineage_id = p.predecessor_lineage_id
            order by o.created_at desc limit 1
          )
        )
        order by p.shared_tickets desc, p.predecessor_lineage_id
      ), '[]')
      from autopilot.cluster_predecessors as p
      where p.organization_id = c.organization_id and p.cluster_id = c.id
    ),
    'not_merged_with', (
      select coalesce(jsonb_agg(o.id order by o.id), '[]')
      from autopilot.cannot_links as l
      join autopilot.clusters as o on o.organization_id = l.organization_id and o.model_id = c.model_id
        and o.lineage_id = case when l.lineage_a = c.lineage_id then l.lineage_b else l.lineage_a end
      where l.organization_id = c.organization_id and c.lineage_id in (l.lineage_a, l.lineage_b)
    )
  )
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id
  left join lateral (
    select sum(s.tickets)::bigint as tickets, jsonb_object_agg(s.external_status, s.tickets) as statuses
    from (
      select t.external_status, sum(t.tickets) as tickets from autopilot.ticket_counts as t
      where t.organization_id = c.organization_id and t.cluster_id = c.id
      group by t.external_status having sum(t.tickets) <> 0
    ) as s
  ) as n on true
  where c.organization_id = autopilot.tenant_of(read_cluster.tenant) and c.id = read_cluster.cluster
$$;
revoke all on function autopilot.read_cluster from public;
grant execute on function autopilot.read_cluster to authenticated, service_role, app_rw, app_ro;
