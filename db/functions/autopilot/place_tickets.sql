-- Put tickets into their clusters of a model: the cluster to which a ticket is pinned, else the cluster of which it is
-- a member. Null `tickets` means every ticket of the organization, because another model becomes the active one. Then a
-- ticket without either goes into the cluster with the lineage of its present cluster; if there is none, the ticket is
-- in no cluster and waits to be classified. The daily figures that change are computed again.
-- call: internal
create or replace function autopilot.place_tickets(organization uuid, model uuid, tickets uuid[] default null)
returns void
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
  touched_clusters uuid[];
  touched_days date[];
begin
  with placed as (
    select
      t.id, t.cluster_id as before,
      coalesce(pinned.id, m.cluster_id, case when tickets is null then kin.id end) as after,
      t.content_hash, case when pinned.id is null then m.score end as score,
      (coalesce(t.source_created_at, t.created_at) at time zone 'UTC')::date as day
    from autopilot.tickets as t
    left join autopilot.cluster_members as m on m.organization_id = t.organization_id and m.ticket_id = t.id
      and m.model_id = place_tickets.model
    left join autopilot.ticket_pins as p on p.organization_id = t.organization_id and p.ticket_id = t.id
    left join autopilot.clusters as pinned on pinned.organization_id = p.organization_id
      and pinned.lineage_id = p.lineage_id and pinned.model_id = place_tickets.model
    left join autopilot.clusters as own on own.organization_id = t.organization_id and own.id = t.cluster_id
    left join autopilot.clusters as kin on kin.organization_id = own.organization_id
      and kin.lineage_id = own.lineage_id and kin.model_id = place_tickets.model
    where t.organization_id = organization and (tickets is null or t.id = any (tickets))
  ), hashed as (
    select p.*, case when tickets is not null or p.after is not null then p.content_hash end as classified_hash
    from placed as p
  ), moved as (
    update autopilot.tickets as t
    set cluster_id = h.after, score = h.score, classified_hash = h.classified_hash
    from hashed as h
    where t.organization_id = organization and t.id = h.id
      and (t.cluster_id, t.score, t.classified_hash) is distinct from (h.after, h.score, h.classified_hash)
    returning h.before, h.after, h.day
  ), touched as (
    select m.before as cluster_id, m.day from moved as m where m.before is not null
    union
    select m.after, m.day from moved as m where m.after is not null
  )
  select array_agg(t.cluster_id), array_agg(t.day) into touched_clusters, touched_days from touched as t;
  perform autopilot.count_days(organization, touched_clusters, touched_days);
end
$$;
revoke all on function autopilot.place_tickets from public;
