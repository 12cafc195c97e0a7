-- Record that a cluster (null: tickets without a cluster) has a burst at `seen_at`. The first call opens an alert.
-- Later calls for the same burst update this alert, which keeps the largest number of tickets (with the number that was
-- expected then) and the lowest probability. For the job that finds bursts. Raises PT404 for an unknown cluster, and
-- PT400. Returns the alert.
-- call: repeatable
create or replace function autopilot.save_burst(
  tenant uuid, cluster uuid, seen_at timestamptz, window_minutes integer, tickets integer, expected double precision,
  probability double precision, actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  lineage uuid;
  alert autopilot.burst_alerts;
begin
  perform app_private.act_by('system', save_burst.actor_id, save_burst.door);
  if not (
    seen_at is not null and window_minutes between 1 and 1440 and tickets > 0
    and expected between 0 and 1e9 and probability between 0 and 1
  ) then
    raise exception 'burst: needs seen_at, window_minutes from 1 to 1440, tickets, expected, and probability from 0 to 1'
      using errcode = 'PT400';
  end if;
  if cluster is not null then
    select c.lineage_id into lineage from autopilot.clusters as c
    where c.organization_id = tenant and c.id = cluster;
    if not found then
      raise exception 'cluster: no cluster %', cluster using errcode = 'PT404';
    end if;
  end if;
  select * into alert from autopilot.burst_alerts as a
  where a.organization_id = save_burst.tenant and a.status <> 'ended' and a.lineage_id is not distinct from lineage
  for update;
  if found then
    update autopilot.burst_alerts as a
    set
      cluster_id = save_burst.cluster, seen_at = greatest(a.seen_at, save_burst.seen_at),
      window_minutes = case
        when save_burst.tickets > a.tickets then save_burst.window_minutes else a.window_minutes
      end,
      expected = case when save_burst.tickets > a.tickets then save_burst.expected else a.expected end,
      probability = least(a.probability, save_burst.probability), tickets = greatest(a.tickets, save_burst.tickets)
    where a.organization_id = alert.organization_id and a.id = alert.id
    returning a.* into alert;
    return to_jsonb(alert);
  end if;
  insert into autopilot.burst_alerts as a (
    organization_id, lineage_id, cluster_id, started_at, seen_at, window_minutes, tickets, expected, probability,
    created_at, updated_at
  )
  values (
    tenant, lineage, cluster, save_burst.seen_at - save_burst.window_minutes * interval '1 minute', save_burst.seen_at,
    save_burst.window_minutes, save_burst.tickets, save_burst.expected, save_burst.probability, moment, moment
  )
  returning a.* into alert;
  perform autopilot.add_audit(tenant, 'system', save_burst.actor_id, 'burst_alert.opened', jsonb_build_object(
    'alert_id', alert.id, 'cluster_id', alert.cluster_id, 'tickets', alert.tickets,
    'window_minutes', alert.window_minutes, 'expected', round(alert.expected::numeric, 1)
  ), moment);
  return to_jsonb(alert);
end
$$;
revoke all on function autopilot.save_burst from public;
grant execute on function autopilot.save_burst to service_role, app_rw;
