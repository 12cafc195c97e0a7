-- Compute again how many tickets of a cluster have the verdict `trusted` (`validation_current`). A verdict that was
-- given when the ticket was in a cluster of another lineage does not count.
-- call: internal
create or replace function autopilot.count_verdicts(organization uuid, cluster uuid)
returns void
language sql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  with counted as (
    select c.id, (
      select count(*) from autopilot.tickets as t
      where t.organization_id = organization and t.cluster_id = c.id and t.verdict = 'trusted'
        and t.verdict_lineage_id = c.lineage_id
    ) as trusted
    from autopilot.clusters as c
    where c.organization_id = organization and c.id = cluster
  )
  update autopilot.clusters as c set validation_current = n.trusted
  from counted as n
  where c.organization_id = organization and c.id = n.id and c.validation_current <> n.trusted
$$;
revoke all on function autopilot.count_verdicts from public;
