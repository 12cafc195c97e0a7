-- Store verdicts about tickets of a cluster that the caller has locked; a null verdict removes one. The n-th elements
-- of `tickets` and `verdicts` belong together. If a ticket that was answered automatically is wrong, the cluster is
-- demoted. Returns the ids of the tickets that are in the cluster; the others stay as they are.
-- call: internal
create or replace function autopilot.save_verdicts(
  cluster autopilot.clusters, tickets uuid[], verdicts text[], actor_type text, actor_id text, moment timestamptz,
  as_of timestamptz
)
returns uuid[]
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  organization constant uuid := (save_verdicts.cluster).organization_id;
  lineage constant uuid := (save_verdicts.cluster).lineage_id;
  stored uuid[];
  declined uuid;
begin
  perform from autopilot.tickets as t
  where t.organization_id = organization and t.id = any (tickets) order by t.id for no key update;
  with saved as (
    update autopilot.tickets as t
    set
      verdict = g.verdict, verdict_by = case when g.verdict is not null then coalesce(save_verdicts.actor_id, 'unnamed') end,
      verdict_at = case when g.verdict is not null then moment end,
      verdict_lineage_id = case when g.verdict is not null then lineage end
    from unnest(save_verdicts.tickets, save_verdicts.verdicts) as g (id, verdict)
    where t.organization_id = organization and t.id = g.id and t.cluster_id = (save_verdicts.cluster).id
    returning t.id, t.verdict
  )
  select array_agg(s.id order by s.id), (
    array_agg(s.id order by s.id) filter (where s.verdict = 'wrong' and exists (
      select from autopilot.responses as r
      where r.organization_id = organization and r.ticket_id = s.id and r.lineage_id = lineage and r.answer is not null
    ))
  )[1]
  into stored, declined
  from saved as s;
  perform autopilot.count_verdicts(organization, (save_verdicts.cluster).id);
  if declined is not null then
    perform autopilot.demote_cluster(
      save_verdicts.cluster, 'ticket_wrong', declined, save_verdicts.actor_type, save_verdicts.actor_id, moment,
      save_verdicts.as_of
    );
  end if;
  return coalesce(stored, '{}');
end
$$;
revoke all on function autopilot.save_verdicts from public;
