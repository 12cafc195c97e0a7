-- The payloads of audit rows, each with the actor's door (such as `api` or `cli`) added. Without a door the payloads
-- are returned unchanged.
create or replace function app_private.add_door(payloads jsonb[], door text)
returns jsonb[] language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case
    when coalesce(door, '') = '' then payloads
    else (
      select array_agg(p.payload || jsonb_build_object('door', door) order by p.position)
      from unnest(payloads) with ordinality as p (payload, position)
    )
  end
$$;
revoke all on function app_private.add_door from public;
