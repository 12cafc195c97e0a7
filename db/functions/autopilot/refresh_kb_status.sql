-- Set `kb_status` of these clusters. FOUND: an active article is linked to the cluster. GAP: the cluster was FOUND and
-- no active article is left, or it was PENDING and `is_searched` says that a search has ended. Otherwise the status
-- stays. For a cluster that becomes a GAP, articles are searched again. Then the function corrects `kb_gap_count` in
-- the daily figures of the changed clusters.
-- call: internal
create or replace function autopilot.refresh_kb_status(
  organization uuid, clusters uuid[], is_searched boolean default false
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  changed uuid[];
begin
  with locked as (
    select c.id, c.kb_status from autopilot.clusters as c
    where c.organization_id = organization and c.id = any (clusters)
    order by c.id for no key update
  ), judged as (
    select l.id, l.kb_status, case
      when exists (
        select from autopilot.article_clusters as k
        join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
        where k.organization_id = organization and k.cluster_id = l.id and a.status = 'active'
      ) then 'FOUND'
      when l.kb_status = 'FOUND' or is_searched then 'GAP'
      else l.kb_status
    end as found
    from locked as l
  ), written as (
    update autopilot.clusters as c
    set kb_status = j.found, searched_version = case when j.found = 'FOUND' then c.searched_version end
    from judged as j
    where c.organization_id = organization and c.id = j.id and j.found <> j.kb_status
    returning c.id
  )
  select array_agg(w.id) into changed from written as w;
  update autopilot.analytics_cluster_daily as d
  set kb_gap_count = case when c.kb_status = 'GAP' then d.total_tickets else 0 end
  from autopilot.clusters as c
  where d.organization_id = organization and d.cluster_id = any (changed) and c.organization_id = d.organization_id
    and c.id = d.cluster_id;
end
$$;
revoke all on function autopilot.refresh_kb_status from public;
