-- Add the clusters of the model `after`: the clusters of the model `before`, without the sources of merges and with the
-- new names of regrouped clusters, and the new clusters of `proposals`. `described` has {lineage_id, centroid (base64),
-- floor, cohesion, examples} of each cluster whose tickets change; the other clusters keep these values. Also records
-- the predecessors of each cluster that gets tickets from another one.
-- call: internal
create or replace function autopilot.add_next_clusters(
  before autopilot.ml_models, after autopilot.ml_models, proposals uuid[], described jsonb, moment timestamptz
)
returns void
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  organization constant uuid := (after).organization_id;
begin
  with accepted as (
    select
      p.id, p.kind, p.content, (p.content ->> 'target')::uuid as target,
      (p.content -> 'sources' ->> 0)::uuid as source
    from autopilot.cluster_proposals as p
    where p.organization_id = organization and p.id = any (proposals)
  ), next as (
    select
      c.lineage_id, coalesce(r.content ->> 'name', c.name) as name,
      case when r.id is null then c.subcluster_name else r.content ->> 'subcluster_name' end as subcluster_name,
      c.examples, c.validation_target
    from autopilot.clusters as c
    left join accepted as r on r.kind = 'regroup' and r.source = c.lineage_id
    where c.organization_id = organization and c.model_id = (before).id
      and not exists (select from accepted as m where m.kind = 'merge' and m.source = c.lineage_id)
    union all
    select
      a.id, a.content ->> 'name', a.content ->> 'subcluster_name', '[]',
      (autopilot.settings_of(organization)).validation_target
    from accepted as a
    where a.kind in ('new', 'split')
  )
  insert into autopilot.clusters (
    organization_id, model_id, name, subcluster_name, lineage_id, examples, validation_target, created_at, updated_at
  )
  select
    organization, (after).id, n.name, n.subcluster_name, n.lineage_id, coalesce(d.examples, n.examples),
    n.validation_target, moment, moment
  from next as n
  left join jsonb_to_recordset(described) as d (lineage_id uuid, examples jsonb) on d.lineage_id = n.lineage_id;

  insert into autopilot.cluster_centroids (organization_id, cluster_id, centroid, floor, cohesion, created_at)
  select
    organization, c.id, coalesce(decode(d.centroid, 'base64'), k.centroid), coalesce(d.floor, k.floor),
    coalesce(d.cohesion, k.cohesion), moment
  from autopilot.clusters as c
  left join autopilot.clusters as o on o.organization_id = organization and o.model_id = (before).id
    and o.lineage_id = c.lineage_id
  left join autopilot.cluster_centroids as k on k.organization_id = organization and k.cluster_id = o.id
  left join jsonb_to_recordset(described) as d (
    lineage_id uuid, centroid text, floor double precision, cohesion double precision
  ) on d.lineage_id = c.lineage_id
  where c.organization_id = organization and c.model_id = (after).id;

  insert into autopilot.cluster_predecessors (
    organization_id, cluster_id, predecessor_lineage_id, kind, shared_tickets, created_at
  )
  select organization, c.id, s.lineage_id::uuid, p.kind, (p.content ->> 'tickets')::integer, moment
  from autopilot.cluster_proposals as p
  cross join lateral jsonb_array_elements_text(p.content -> 'sources') as s (lineage_id)
  join autopilot.clusters as c on c.organization_id = organization and c.model_id = (after).id
    and c.lineage_id = coalesce((p.content ->> 'target')::uuid, p.id)
  where p.organization_id = organization and p.id = any (proposals) and p.kind in ('split', 'merge', 'move')
  on conflict do nothing;
end
$$;
revoke all on function autopilot.add_next_clusters from public;
