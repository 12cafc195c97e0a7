-- Put tickets into their clusters of a model: the cluster to which a ticket is pinned, else the cluster of which it is
-- a member. Null `tickets` means every ticket of the organization, because another model becomes the active one. Then a
-- ticket without either goes into the cluster with the lineage of its present cluster; if there is none, the ticket is
-- in no cluster and waits to be classified. The daily figures that change are computed again.
-- call: internal
create or replace function autopilot.place_tickets(organization uuid, model uuid, tickets uuid[] default null)
returns void
language plpgsql
-- each row is looked up by its key: the planner has no statistics of ids
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
  touched_clusters uuid[];
  touched_days date[];
  places tid[];
begin
  -- Locked rows stay where they are, so each is found by its place (ctid).
  if tickets is null then
    perform from autopilot.tickets as t where t.organization_id = organization for no key update;
  else
    places := autopilot.lock_tickets(organization, tickets);
  end if;
  with placed as (
    select
      t.ctid as place, t.cluster_id as before,
      coalesce(pinned.id, m.cluster_id, case when tickets is null then kin.id end) as after,
      t.content_hash, case when pinned.id is null then m.score end as score,
      (coalesce(t.source_created_at, t.created_at) at time zone 'UTC')::date as day
    from autopilot.tickets as t
    left join lateral (   -- the primary key is the only index with this order
      select n.ticket_id, n.cluster_id, n.score from autopilot.cluster_members as n
      where n.organization_id = organization and n.model_id = place_tickets.model and n.ticket_id >= t.id
      order by n.organization_id, n.model_id, n.ticket_id limit 1
    ) as m on m.ticket_id = t.id
    left join autopilot.ticket_pins as p on p.organization_id = organization and p.ticket_id = t.id
    left join autopilot.clusters as pinned on pinned.organization_id = organization
      and pinned.lineage_id = p.lineage_id and pinned.model_id = place_tickets.model
    left join autopilot.clusters as own on own.organization_id = organization and own.id = t.cluster_id
    left join autopilot.clusters as kin on kin.organization_id = organization
      and kin.lineage_id = own.lineage_id and kin.model_id = place_tickets.model
    where tickets is null and t.organization_id = organization or t.ctid = any (places)
  ), hashed as (
    select p.*, case when tickets is not null or p.after is not null then p.content_hash end as classified_hash
    from placed as p
  ), moved as (
    update autopilot.tickets as t
    set cluster_id = h.after, score = h.score, classified_hash = h.classified_hash
    from hashed as h
    where t.ctid = h.place
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
