-- Check that proposals can still be carried out as people saw them. Raises PT409 with what changed: a cluster is gone,
-- a ticket is gone or in another cluster, or somebody has pinned a ticket elsewhere or forbidden the merge.
-- call: internal
create or replace function autopilot.check_proposals(organization uuid, proposals uuid[])
returns void
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  problem record;
begin
  with present as (
    select c.id, c.lineage_id from autopilot.clusters as c
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
    where c.organization_id = organization
  ), given as (
    select
      p.id, p.kind, (p.content ->> 'tickets')::integer as tickets, (p.content ->> 'target')::uuid as target,
      array(select jsonb_array_elements_text(p.content -> 'sources')::uuid) as sources
    from autopilot.cluster_proposals as p
    where p.organization_id = organization and p.id = any (proposals)
  ), gone as (
    select g.id, count(*) as n
    from given as g
    cross join lateral unnest(g.sources || case when g.target is null then '{}' else array[g.target] end) as l (id)
    where not exists (select from present as c where c.lineage_id = l.id)
    group by g.id
  ), there as (
    select
      g.id, count(*) as n, count(*) filter (where c.lineage_id is distinct from k.lineage_id) as moved, count(*) filter (where pin.lineage_id <> g.target or pin.lineage_id is not null and g.target is null)
        as pinned
    from given as g
    join autopilot.cluster_proposal_tickets as k on k.organization_id = organization and k.proposal_id = g.id
    join autopilot.tickets as t on t.organization_id = organization and t.id = k.ticket_id
    left join present as c on c.id = t.cluster_id
    left join autopilot.ticket_pins as pin on pin.organization_id = organization and pin.ticket_id = t.id
    group by g.id
  )
  select
    g.id, coalesce(o.n, 0) as clusters_gone, g.tickets - coalesce(h.n, 0) as tickets_gone, coalesce(h.moved, 0) as moved,
    coalesce(h.pinned, 0) as pinned, g.kind = 'merge' and exists (
      select from autopilot.cannot_links as l
      where l.organization_id = organization and l.lineage_a = least(g.target, g.sources[1])
        and l.lineage_b = greatest(g.target, g.sources[1])
    ) as is_forbidden
  into problem
  from given as g
  left join gone as o on o.id = g.id
  left join there as h on h.id = g.id
  where o.n > 0 or g.tickets <> coalesce(h.n, 0) or h.moved > 0 or h.pinned > 0 or (g.kind = 'merge' and exists (
    select from autopilot.cannot_links as l
    where l.organization_id = organization and l.lineage_a = least(g.target, g.sources[1])
      and l.lineage_b = greatest(g.target, g.sources[1])
  ))
  order by g.id
  limit 1;
  if found then
    raise exception 'proposal: % does not fit any more: %', problem.id, concat_ws(
      ', ',
      case when problem.clusters_gone > 0 then 'clusters that are gone: ' || problem.clusters_gone end,
      case when problem.tickets_gone > 0 then 'tickets that were deleted: ' || problem.tickets_gone end,
      case when problem.moved > 0 then 'tickets that are in another cluster by now: ' || problem.moved end,
      case when problem.pinned > 0 then 'tickets that people pinned: ' || problem.pinned end,
      case when problem.is_forbidden then 'these clusters are not to be merged' end
    ) using errcode = 'PT409';
  end if;
end
$$;
revoke all on function autopilot.check_proposals from public;
