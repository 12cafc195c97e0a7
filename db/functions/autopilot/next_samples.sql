-- The tickets of a cluster that a person should judge next: from the centre of the cluster to its border, in equal
-- steps of their `score` (the distance to the centre). Tickets that have a verdict about this cluster are left out;
-- tickets without a score come last. The same state gives the same tickets. Raises PT404. Returns at most `max_samples`
-- tickets, never more than 100, with the first 4,000 characters of their texts.
-- call: replica
create or replace function autopilot.next_samples(
  cluster uuid, tenant uuid default null, max_samples integer default 10
)
returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set plan_cache_mode = force_generic_plan as $$
declare
  organization constant uuid := autopilot.tenant_of(next_samples.tenant);
  wanted constant integer := greatest(1, least(coalesce(max_samples, 10), 100));
  lineage uuid;
  low double precision;
  high double precision;
  chosen uuid[] := '{}';
  one uuid;
begin
  select c.lineage_id into lineage
  from autopilot.clusters as c
  join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
  where c.organization_id = organization and c.id = next_samples.cluster;
  if not found then
    raise exception 'cluster: the active model has no cluster %', cluster using errcode = 'PT404';
  end if;
  select t.score into low from autopilot.tickets as t
  where t.organization_id = organization and t.cluster_id = next_samples.cluster
    and t.verdict_lineage_id is distinct from lineage and t.score is not null
  order by t.score limit 1;
  select t.score into high from autopilot.tickets as t
  where t.organization_id = organization and t.cluster_id = next_samples.cluster
    and t.verdict_lineage_id is distinct from lineage and t.score is not null
  order by t.score desc limit 1;
  for step in 0 .. wanted - 1 loop
    select t.id into one from autopilot.tickets as t
    where t.organization_id = organization and t.cluster_id = next_samples.cluster
      and t.verdict_lineage_id is distinct from lineage and t.id <> all (chosen)
      and t.score >= least(high, low + (high - low) * step / greatest(wanted - 1, 1))
    order by t.score, t.id limit 1;
    exit when not found;
    chosen := chosen || one;
  end loop;
  -- Several steps may lead to one ticket: the rest comes from the centre.
  chosen := chosen || array(
    select t.id from autopilot.tickets as t
    where t.organization_id = organization and t.cluster_id = next_samples.cluster
      and t.verdict_lineage_id is distinct from lineage and t.id <> all (chosen)
    order by t.score, t.id limit wanted - cardinality(chosen)
  );
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'external_id', t.external_id, 'subject', t.subject, 'description', left(t.description, 4000),
      'resolution', left(t.resolution, 4000), 'external_status', t.external_status, 'score', t.score,
      'source_created_at', t.source_created_at
    ) order by t.score, t.id), '[]')
    from unnest(chosen) as o (id)
    cross join lateral (   -- `offset 0`: looked up by id; with `= any` the planner takes an index that has the id last
      select t.* from autopilot.tickets as t where t.organization_id = organization and t.id = o.id offset 0
    ) as t
  );
end
$$;
revoke all on function autopilot.next_samples from public;
grant execute on function autopilot.next_samples to authenticated, service_role, app_rw, app_ro;
