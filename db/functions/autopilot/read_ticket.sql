-- A ticket with everything that is known of it, except for the record as the ticket system sent it: the columns of its
-- row, `opened_at`, its cluster (`cluster_name`, `subcluster_name`, `cluster_label`), its pin ({pinned_by, created_at,
-- cluster_id} or null) and its `history`: for each model that had it in a cluster {model_id, model_name, activated_at,
-- is_active, cluster_id, name, subcluster_name, label, score}, the newest model first. Null if there is no such ticket.
-- call: replica
create or replace function autopilot.read_ticket(ticket uuid, tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(t) - 'source_metadata' - 'content_hash' - 'classified_hash' || jsonb_build_object(
    'opened_at', coalesce(t.source_created_at, t.created_at), 'cluster_name', c.name,
    'subcluster_name', c.subcluster_name, 'cluster_label', c.label,
    'pin', (
      select jsonb_build_object('pinned_by', p.pinned_by, 'created_at', p.created_at, 'cluster_id', (
        select o.id from autopilot.clusters as o
        join autopilot.ml_models as m on m.organization_id = o.organization_id and m.id = o.model_id and m.active
        where o.organization_id = p.organization_id and o.lineage_id = p.lineage_id
      ))
      from autopilot.ticket_pins as p where p.organization_id = t.organization_id and p.ticket_id = t.id
    ),
    'history', (
      select coalesce(jsonb_agg(
        jsonb_build_object(
          'model_id', m.id, 'model_name', m.model_name, 'activated_at', m.activated_at, 'is_active', m.active,
          'cluster_id', o.id, 'name', o.name, 'subcluster_name', o.subcluster_name, 'label', o.label, 'score', k.score
        )
        order by m.created_at desc, m.id
      ), '[]')
      from autopilot.cluster_members as k
      join autopilot.ml_models as m on m.organization_id = k.organization_id and m.id = k.model_id
      join autopilot.clusters as o on o.organization_id = k.organization_id and o.id = k.cluster_id
      where k.organization_id = t.organization_id and k.ticket_id = t.id
    )
  )
  from autopilot.tickets as t
  left join autopilot.clusters as c on c.organization_id = t.organization_id and c.id = t.cluster_id
  where t.organization_id = autopilot.tenant_of(read_ticket.tenant) and t.id = read_ticket.ticket
$$;
revoke all on function autopilot.read_ticket from public;
grant execute on function autopilot.read_ticket to authenticated, service_role, app_rw, app_ro;
