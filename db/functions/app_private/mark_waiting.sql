-- Compute `waits` for these ordering keys in these lanes: the first open envelope of a key in its lane does not wait,
-- all others do. The caller has locked the lanes, or locks them at commit.
create or replace function app_private.mark_waiting(tenants uuid[], lanes smallint[], keys text[])
returns void language sql set search_path = pg_catalog, pg_temp as $$
  update app_private.open_envelopes as e
  set waits = ordered.n > 1
  from (
    select distinct k.* from unnest(tenants, lanes, keys) as k (tenant_id, lane, key) where k.key is not null
  ) as changed
  cross join lateral (
    select o.id, row_number() over (order by o.created_at, o.id) as n
    from app_private.open_envelopes as o
    where o.tenant_id = changed.tenant_id and o.ordering_key = changed.key and o.lane = changed.lane
    order by o.created_at, o.id
    limit 2   -- the third one and all later ones wait already
  ) as ordered
  where e.tenant_id = changed.tenant_id and e.id = ordered.id and e.waits <> (ordered.n > 1)
$$;
revoke all on function app_private.mark_waiting from public;
