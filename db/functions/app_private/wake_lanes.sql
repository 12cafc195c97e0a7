-- Set when free lanes become due: at these times, but not before `as_of`, so that they queue behind the lanes that
-- already wait. If the time is null, the lane is only locked. A missing lane is created. A leased lane is not changed:
-- its new envelopes are found when its lease ends.
create or replace function app_private.wake_lanes(
  tenants uuid[], lanes smallint[], moments timestamptz[], as_of timestamptz
)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  insert into app_private.lanes as known (tenant_id, lane, ready_at, set_at)
  select due.tenant_id, due.lane, min(case when due.at is not null then greatest(due.at, as_of) end), as_of
  from unnest(tenants, lanes, moments) as due (tenant_id, lane, at)
  group by 1, 2
  -- locks the lanes in order. A worker that releases one of them now sees the new envelopes, or waits for this
  -- transaction
  order by 1, 2
  on conflict (tenant_id, lane) do update
  set ready_at = case
    when known.worker_id is null then least(known.ready_at, excluded.ready_at)
    else known.ready_at
  end,
  set_at = case
    when known.worker_id is null and (known.ready_at is null or excluded.ready_at < known.ready_at) then excluded.set_at
    else known.set_at
  end
$$;
revoke all on function app_private.wake_lanes from public;
