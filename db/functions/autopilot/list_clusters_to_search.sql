-- Clusters of an organization's active model for which articles are to be searched: those that are PENDING, that were
-- not searched since articles were added, or whose examples have changed. Returns {version, clusters}. `version` is the
-- version of the knowledge, for autopilot.save_matches. Each cluster has {id, name, subcluster_name, examples}: the
-- subjects and descriptions of at most `max_examples` typical tickets (nearest the centre, if the model names none), as
-- {subject, description}. For workers.
-- call: repeatable
create or replace function autopilot.list_clusters_to_search(
  tenant uuid, max_clusters integer default 50, max_examples integer default 5
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- read in the order of idx_tickets_score: the planner does not know that a cluster has many tickets
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_incremental_sort = off
set enable_hashjoin = off set enable_mergejoin = off as $$
  with knowledge as (
    select coalesce((
      select v.version from autopilot.knowledge_versions as v where v.organization_id = list_clusters_to_search.tenant
    ), 0) as version
  )
  select jsonb_build_object('version', n.version, 'clusters', coalesce((
    select jsonb_agg(jsonb_build_object(
      'id', c.id, 'name', c.name, 'subcluster_name', c.subcluster_name, 'examples', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'subject', left(t.subject, 1000), 'description', left(t.description, 20000)
        ) order by t.place), '[]')
        from (
          select e.place, t.subject, t.description
          from (
            select x.place, x.ticket_id::uuid
            from jsonb_array_elements_text(c.examples) with ordinality as x (ticket_id, place)
            union all
            (
              select row_number() over (), u.id
              from (
                select n.id from autopilot.tickets as n
                where n.organization_id = c.organization_id and n.cluster_id = c.id and c.examples = '[]'
                order by n.score, n.id
                limit max_examples
              ) as u
            )
          ) as e (place, ticket_id)
          cross join lateral (   -- `offset 0`: looked up by id; a join would read all tickets
            select t.subject, t.description from autopilot.tickets as t
            where t.organization_id = c.organization_id and t.id = e.ticket_id
            offset 0
          ) as t
          order by e.place
          limit max_examples
        ) as t
      )
    ) order by c.id)
    from (
      select c.* from autopilot.clusters as c
      join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
      where c.organization_id = list_clusters_to_search.tenant
        and (c.kb_status = 'PENDING' or c.searched_version is null or c.searched_version < n.version)
      order by c.id
      limit least(max_clusters, 1000)
    ) as c
  ), '[]'))
  from knowledge as n
$$;
revoke all on function autopilot.list_clusters_to_search from public;
grant execute on function autopilot.list_clusters_to_search to service_role, app_rw;
