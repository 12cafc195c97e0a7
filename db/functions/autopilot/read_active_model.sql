-- The active model with all that a training or a classification needs of its clusters: {model_id, clusters: a list of
-- {id, lineage_id, name, subcluster_name, centroid (base64), floor, cohesion, examples}, by id}. A model of a workflow
-- has no centroids, and no clusters here. Null if there is no active model.
-- call: repeatable
create or replace function autopilot.read_active_model(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select jsonb_build_object('model_id', m.id, 'clusters', coalesce((
    select jsonb_agg(
      jsonb_build_object(
        'id', c.id, 'lineage_id', c.lineage_id, 'name', c.name, 'subcluster_name', c.subcluster_name,
        'centroid', translate(encode(k.centroid, 'base64'), E'\n', ''), 'floor', k.floor, 'cohesion', k.cohesion,
        'examples', c.examples
      )
      order by c.id
    )
    from autopilot.clusters as c
    join autopilot.cluster_centroids as k on k.organization_id = c.organization_id and k.cluster_id = c.id
    where c.organization_id = m.organization_id and c.model_id = m.id
  ), '[]'))
  from autopilot.ml_models as m
  where m.organization_id = autopilot.tenant_of(read_active_model.tenant) and m.active
$$;
revoke all on function autopilot.read_active_model from public;
grant execute on function autopilot.read_active_model to authenticated, service_role, app_rw, app_ro;
