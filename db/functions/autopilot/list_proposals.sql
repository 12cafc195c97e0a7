-- A page of proposals with this status: the open ones in the order in which the training made them, the decided ones
-- those last decided first. Each has {id, kind, status, decided_by, decided_at, created_at, tickets: how many would be
-- in another cluster, name, subcluster_name, cohesion_before, cohesion_after, sources, target, overlap, examples}.
-- `sources` and `target` are clusters of the active model: {cluster_id, lineage_id, name, subcluster_name, label,
-- tickets}; `cluster_id` is null if it is gone. `target` is null for a new cluster. `overlap` says how many tickets of
-- each present cluster the training put together: a list of {cluster_id, lineage_id, name, subcluster_name, label,
-- tickets}. `examples` is a list of {id, external_id, subject}. `skipped` proposals come before the page.
-- call: replica
create or replace function autopilot.list_proposals(
  tenant uuid default null, status text default 'open', proposal uuid default null, skipped integer default 0,
  max_proposals integer default 50
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- tickets are looked up in the order of their primary key
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  with page as (
    select p.* from autopilot.cluster_proposals as p
    where p.organization_id = autopilot.tenant_of(list_proposals.tenant)
      and case when list_proposals.proposal is null then p.status = list_proposals.status else p.id = list_proposals.proposal end
    order by p.decided_at desc nulls first, p.created_at, p.id
    offset greatest(skipped, 0) limit least(max_proposals, 1000)
  ), named as (
    select
      p.id as proposal_id, l.lineage_id, l.tickets as overlap, l.role, l.place, jsonb_build_object(
        'cluster_id', c.id, 'lineage_id', l.lineage_id, 'name', c.name, 'subcluster_name', c.subcluster_name,
        'label', c.label, 'tickets', coalesce(l.tickets, (
          select coalesce(sum(n.tickets), 0) from autopilot.ticket_counts as n
          where n.organization_id = p.organization_id and n.cluster_id = c.id
        ))
      ) as cluster
    from page as p
    cross join lateral (
      select s.id::uuid as lineage_id, null::bigint as tickets, 'source' as role, s.place
      from jsonb_array_elements_text(p.content -> 'sources') with ordinality as s (id, place)
      union all
      select (p.content ->> 'target')::uuid, null, 'target', 1 where p.content ->> 'target' is not null
      union all
      select o.key::uuid, o.value::bigint, 'overlap', 1 from jsonb_each_text(p.content -> 'overlap') as o
    ) as l
    left join lateral (
      select c.* from autopilot.clusters as c
      join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
      where c.organization_id = p.organization_id and c.lineage_id = l.lineage_id
      limit 1
    ) as c on true
  )
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', p.id, 'kind', p.kind, 'status', p.status, 'decided_by', p.decided_by, 'decided_at', p.decided_at,
      'created_at', p.created_at, 'tickets', p.content -> 'tickets', 'name', p.content ->> 'name',
      'subcluster_name', p.content ->> 'subcluster_name', 'cohesion_before', p.content -> 'cohesion_before',
      'cohesion_after', p.content -> 'cohesion_after',
      'sources', (
        select coalesce(jsonb_agg(n.cluster order by n.place), '[]') from named as n
        where n.proposal_id = p.id and n.role = 'source'
      ),
      'target', (select n.cluster from named as n where n.proposal_id = p.id and n.role = 'target'),
      'overlap', (
        select coalesce(jsonb_agg(n.cluster order by n.overlap desc, n.lineage_id), '[]') from named as n
        where n.proposal_id = p.id and n.role = 'overlap'
      ),
      'examples', (
        select coalesce(jsonb_agg(
          jsonb_build_object('id', t.id, 'external_id', t.external_id, 'subject', left(t.subject, 300)) order by e.place
        ), '[]')
        from (   -- `offset 0`: row-level security keeps a cast out of an index
          select x.id::uuid, x.place from jsonb_array_elements_text(p.content -> 'examples') with ordinality as x (id, place)
          offset 0
        ) as e
        cross join lateral (   -- the primary key is the only index with this order
          select n.id, n.external_id, n.subject from autopilot.tickets as n
          where n.organization_id = p.organization_id and n.id >= e.id
          order by n.organization_id, n.id limit 1
        ) as t
        where t.id = e.id
      )
    )
    order by p.decided_at desc nulls first, p.created_at, p.id
  ), '[]')
  from page as p
$$;
revoke all on function autopilot.list_proposals from public;
grant execute on function autopilot.list_proposals to authenticated, service_role, app_rw, app_ro;
