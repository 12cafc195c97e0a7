-- Add the members of the model `after`. A ticket of `proposals` goes into the cluster that its proposal names. Every
-- other member of the model `before` stays in the cluster with the same lineage or, after a merge, goes into the target
-- of the merge. `scores` has {ticket_id, score} of the tickets that change.
-- call: internal
create or replace function autopilot.add_next_members(
  before autopilot.ml_models, after autopilot.ml_models, proposals uuid[], scores jsonb, moment timestamptz
)
returns void
language sql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with accepted as (
    select
      p.id, p.kind, coalesce((p.content ->> 'target')::uuid, p.id) as target,
      (p.content -> 'sources' ->> 0)::uuid as source
    from autopilot.cluster_proposals as p
    where p.organization_id = (after).organization_id and p.id = any (proposals)
  ), changed as (
    select k.ticket_id, a.target
    from accepted as a
    join autopilot.cluster_proposal_tickets as k on k.organization_id = (after).organization_id and k.proposal_id = a.id
  ), next as (
    select m.ticket_id, coalesce(merge.target, o.lineage_id) as lineage_id, m.score
    from autopilot.cluster_members as m
    join autopilot.clusters as o on o.organization_id = m.organization_id and o.id = m.cluster_id
    left join accepted as merge on merge.kind = 'merge' and merge.source = o.lineage_id
    where m.organization_id = (after).organization_id and m.model_id = (before).id
      and not exists (select from changed as c where c.ticket_id = m.ticket_id)
    union all
    select c.ticket_id, c.target, s.score
    from changed as c
    left join jsonb_to_recordset(scores) as s (ticket_id uuid, score double precision) on s.ticket_id = c.ticket_id
  )
  insert into autopilot.cluster_members (organization_id, model_id, ticket_id, cluster_id, score, created_at)
  select (after).organization_id, (after).id, n.ticket_id, c.id, n.score, moment
  from next as n
  join autopilot.clusters as c on c.organization_id = (after).organization_id and c.model_id = (after).id
    and c.lineage_id = n.lineage_id
  on conflict do nothing
$$;
revoke all on function autopilot.add_next_members from public;
