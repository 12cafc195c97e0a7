-- A cluster of the active model with the tickets that people resolved, the newest first: {id, name, subcluster_name,
-- label, tickets}, each of at most `max_tickets` with {external_id, subject, description, requester, assignee,
-- resolution}. Null if the active model has no such cluster.
-- call: replica
create or replace function autopilot.read_resolutions(
  cluster uuid, tenant uuid default null, max_tickets integer default 200
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select jsonb_build_object(
    'id', c.id, 'name', c.name, 'subcluster_name', c.subcluster_name, 'label', c.label, 'tickets', coalesce((
      select jsonb_agg(jsonb_build_object(
        'external_id', t.external_id, 'subject', left(t.subject, 1000), 'description', left(t.description, 20000),
        'requester', left(t.requester, 500), 'assignee', left(t.assignee, 500), 'resolution', left(t.resolution, 20000)
      ) order by t.resolved_at desc nulls last, t.id)
      from (
        select t.* from autopilot.tickets as t
        where t.organization_id = c.organization_id and t.cluster_id = c.id and btrim(t.resolution) <> ''
        order by t.resolved_at desc nulls last, t.id
        limit least(max_tickets, 1000)
      ) as t
    ), '[]')
  )
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
  where c.organization_id = autopilot.tenant_of(read_resolutions.tenant) and c.id = read_resolutions.cluster
$$;
revoke all on function autopilot.read_resolutions from public;
grant execute on function autopilot.read_resolutions to authenticated, service_role, app_rw, app_ro;
