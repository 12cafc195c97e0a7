-- Put tickets into clusters of a model: `members` is a list of up to 10,000 {ticket_id, cluster_id, score,
-- content_hash}. A null `cluster_id` takes a ticket out of its cluster: it waits for the next training. A member with a
-- `content_hash` is left out if the ticket's text has changed since. If the model is active, the tickets move at once,
-- except for pinned tickets, and the daily figures that change are computed again. For workers. Raises PT404, PT400.
-- Returns {saved: how many members are new, changed or gone, is_active: whether the model is the active one}.
-- call: repeatable
create or replace function autopilot.save_members(
  tenant uuid, model uuid, members jsonb, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
-- each row is looked up by its key: the planner has no statistics of ids
set plan_cache_mode = force_custom_plan set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_material = off as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  is_active boolean;
  known uuid[];
  fitting uuid[];
  gone integer;
  saved integer;
begin
  if jsonb_typeof(members) is distinct from 'array' or jsonb_array_length(members) > 10000 then
    raise exception 'members: must be a list of at most 10000' using errcode = 'PT400';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(tenant::text, 66));
  select m.active into is_active from autopilot.ml_models as m where m.organization_id = tenant and m.id = model;
  if not found then
    raise exception 'model: no model %', model using errcode = 'PT404';
  end if;
  known := array(select c.id from autopilot.clusters as c where c.organization_id = tenant and c.model_id = model);
  fitting := array(
    select t.id
    from jsonb_to_recordset(members) as m (ticket_id uuid, cluster_id uuid, content_hash bigint)
    cross join lateral (   -- the primary key is the only index with this order
      select n.id, n.content_hash from autopilot.tickets as n
      where n.organization_id = tenant and n.id >= m.ticket_id
      order by n.organization_id, n.id limit 1
    ) as t
    where t.id = m.ticket_id and t.content_hash = coalesce(m.content_hash, t.content_hash)
      and (m.cluster_id is null or m.cluster_id = any (known))
  );
  delete from autopilot.cluster_members as k
  where k.organization_id = tenant and k.model_id = model and k.ticket_id = any (array(
    select m.ticket_id from jsonb_to_recordset(members) as m (ticket_id uuid, cluster_id uuid)
    where m.cluster_id is null and m.ticket_id = any (fitting)
  ));
  get diagnostics gone = row_count;
  insert into autopilot.cluster_members as k (organization_id, model_id, ticket_id, cluster_id, score, created_at)
  select distinct on (m.ticket_id) tenant, model, m.ticket_id, m.cluster_id, m.score, moment
  from jsonb_to_recordset(members) as m (ticket_id uuid, cluster_id uuid, score double precision)
  where m.ticket_id = any (fitting) and m.cluster_id = any (known)
  order by m.ticket_id
  on conflict (organization_id, model_id, ticket_id) do update
  set cluster_id = excluded.cluster_id, score = excluded.score
  where (k.cluster_id, k.score) is distinct from (excluded.cluster_id, excluded.score);
  get diagnostics saved = row_count;
  if is_active then
    perform autopilot.place_tickets(tenant, model, fitting);
  end if;
  return jsonb_build_object('saved', gone + saved, 'is_active', is_active);
end
$$;
revoke all on function autopilot.save_members from public;
grant execute on function autopilot.save_members to service_role, app_rw;
