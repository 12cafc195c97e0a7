-- What is needed to carry out proposals: for each {id, kind, status, name, subcluster_name, sources, target: ids of
-- clusters of the active model, or null if they are gone, tickets: ids}. Proposals that do not exist are left out.
-- call: repeatable
create or replace function autopilot.read_proposals(proposals uuid[], tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with present as (
    select c.id, c.lineage_id from autopilot.clusters as c
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
    where c.organization_id = autopilot.tenant_of(read_proposals.tenant)
  )
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', p.id, 'kind', p.kind, 'status', p.status, 'name', p.content ->> 'name',
      'subcluster_name', p.content ->> 'subcluster_name',
      'sources', (
        select coalesce(jsonb_agg(c.id order by s.place), '[]')
        from jsonb_array_elements_text(p.content -> 'sources') with ordinality as s (id, place)
        left join present as c on c.lineage_id = s.id::uuid
      ),
      'target', (select c.id from present as c where c.lineage_id = (p.content ->> 'target')::uuid),
      'tickets', (
        select coalesce(jsonb_agg(t.ticket_id), '[]') from autopilot.cluster_proposal_tickets as t
        where t.organization_id = p.organization_id and t.proposal_id = p.id
      )
    )
    order by p.created_at, p.id
  ), '[]')
  from autopilot.cluster_proposals as p
  where p.organization_id = autopilot.tenant_of(read_proposals.tenant) and p.id = any (read_proposals.proposals)
$$;
revoke all on function autopilot.read_proposals from public;
grant execute on function autopilot.read_proposals to authenticated, service_role, app_rw, app_ro;
