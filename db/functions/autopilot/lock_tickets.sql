-- Lock these tickets until the end of the transaction. Returns where their rows are (ctid), so that the next statement
-- finds them without any index. Ids of no ticket are left out.
-- call: internal
create or replace function autopilot.lock_tickets(organization uuid, ids uuid[])
returns tid[]
language sql set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_sort = off as $$
  select array_agg(t.place)
  from unnest(ids) as g (id)
  cross join lateral (
    -- With `id = g.id`, the planner takes any index of the organization, because it has no statistics of ids. Only the
    -- primary key has this order.
    select n.id, n.ctid as place from autopilot.tickets as n
    where n.organization_id = organization and n.id >= g.id
    order by n.organization_id, n.id limit 1
    for no key update
  ) as t
  where t.id = g.id
$$;
revoke all on function autopilot.lock_tickets from public;
