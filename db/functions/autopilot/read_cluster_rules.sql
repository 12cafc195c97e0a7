-- What people decided for every later model, in ids of the active one: {pins: a list of {ticket_id, cluster_id},
-- not_merged: a list of pairs of clusters}.
-- call: repeatable
create or replace function autopilot.read_cluster_rules(tenant uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with present as (
    select c.id, c.lineage_id from autopilot.clusters as c
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
    where c.organization_id = autopilot.tenant_of(read_cluster_rules.tenant)
  )
  select jsonb_build_object('pins', (
    select coalesce(jsonb_agg(jsonb_build_object('ticket_id', p.ticket_id, 'cluster_id', c.id) order by p.ticket_id), '[]')
    from autopilot.ticket_pins as p
    join present as c on c.lineage_id = p.lineage_id
    where p.organization_id = autopilot.tenant_of(read_cluster_rules.tenant)
  ), 'not_merged', (
    select coalesce(jsonb_agg(jsonb_build_array(a.id, b.id) order by a.id, b.id), '[]')
    from autopilot.cannot_links as l
    join present as a on a.lineage_id = l.lineage_a
    join present as b on b.lineage_id = l.lineage_b
    where l.organization_id = autopilot.tenant_of(read_cluster_rules.tenant)
  ))
$$;
revoke all on function autopilot.read_cluster_rules from public;
grant execute on function autopilot.read_cluster_rules to authenticated, service_role, app_rw, app_ro;
