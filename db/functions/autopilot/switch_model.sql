-- Make a model the active one, in this transaction. What people decided about a cluster is carried over to the new
-- model's cluster with the same lineage: config, label, `validation_target`, `kb_status`, and links to articles. A new
-- cluster that comes from a split or merge also gets the links of its predecessors. Returns the id of the model that
-- was active before.
-- call: internal
create or replace function autopilot.switch_model(organization uuid, model autopilot.ml_models, moment timestamptz)
returns uuid
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  before uuid;
begin
  select m.id into before from autopilot.ml_models as m where m.organization_id = organization and m.active for update;
  -- A workflow names no lineage: its clusters live on by their names.
  update autopilot.clusters as c set lineage_id = o.lineage_id
  from autopilot.clusters as o
  where c.organization_id = organization and c.model_id = (switch_model.model).id and o.organization_id = organization
    and o.model_id = before and (o.name, coalesce(o.subcluster_name, '')) = (c.name, coalesce(c.subcluster_name, ''))
    and not exists (
      select from autopilot.cluster_centroids as k where k.organization_id = organization and k.cluster_id = c.id
    );
  update autopilot.clusters as c
  set
    config = o.config, auto_respond_at = o.auto_respond_at, label = o.label, kb_status = o.kb_status,
    validation_target = coalesce(o.validation_target, c.validation_target)
  from autopilot.clusters as o
  where c.organization_id = organization and c.model_id = (switch_model.model).id and o.organization_id = organization
    and o.model_id = before and o.lineage_id = c.lineage_id;
  insert into autopilot.article_clusters (organization_id, article_id, cluster_id, score, is_found, created_at)
  select organization, k.article_id, c.id, max(k.score), bool_and(k.is_found), moment
  from autopilot.clusters as c
  join autopilot.clusters as o on o.organization_id = organization and o.model_id = before and (
    o.lineage_id = c.lineage_id or exists (
      select from autopilot.cluster_predecessors as p
      where p.organization_id = organization and p.cluster_id = c.id and p.predecessor_lineage_id = o.lineage_id
        and p.kind in ('same', 'split', 'merge')
    )
  )
  join autopilot.article_clusters as k on k.organization_id = organization and k.cluster_id = o.id
  where c.organization_id = organization and c.model_id = (switch_model.model).id
  group by k.article_id, c.id
  on conflict do nothing;
  update autopilot.knowledge_articles as a set cluster_id = c.id
  from autopilot.clusters as o
  join autopilot.clusters as c on c.organization_id = organization and c.model_id = (switch_model.model).id
    and c.lineage_id = o.lineage_id
  where a.organization_id = organization and o.organization_id = organization and o.model_id = before
    and a.cluster_id = o.id;
  update autopilot.ml_models as m set active = false where m.organization_id = organization and m.id = before;
  update autopilot.ml_models as m set active = true, activated_at = moment
  where m.organization_id = organization and m.id = (switch_model.model).id;
  perform autopilot.place_tickets(organization, (switch_model.model).id);
  perform autopilot.count_verdicts(organization, c.id)
  from autopilot.clusters as c
  where c.organization_id = organization and c.model_id = (switch_model.model).id
  order by c.id;
  return before;
end
$$;
revoke all on function autopilot.switch_model from public;
