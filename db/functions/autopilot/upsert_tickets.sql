-- Insert the tickets of a batch, and update those that changed. The tickets whose places are in `unfit` are skipped. If
-- several tickets have the same number (`external_id`), the last one counts. If a ticket of another connection has the
-- number already, the new ticket is stored with a prefix before its number: the first eight digits of its connection's
-- id, and a colon. Rows are written in the order of their numbers, so that two writers never deadlock. Returns how many
-- tickets were given (each number once) and written, and the clusters and days whose figures must be computed again.
-- call: internal
create or replace function autopilot.upsert_tickets(
  organization uuid, connection uuid, tickets jsonb, unfit bigint[], moment timestamptz,
  out given integer, out written integer, out clusters uuid[], out days date[]
)
language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  prefix constant text := left(connection::text, 8) || ':';
  keys text[];
begin
  with last as (
    select distinct on (d.external_id) d.*
    from jsonb_array_elements(tickets) with ordinality as e (ticket, place)
    cross join lateral jsonb_populate_record(null::autopilot.tickets, e.ticket) as d
    where e.place <> all (unfit)
    order by d.external_id, e.place desc
  ), keyed as (
    select l.*, case
      when own.id is not null or other.id is not null then prefix || l.external_id else l.external_id
    end as key
    from last as l
    left join autopilot.tickets as other on other.organization_id = organization
      and other.external_id = l.external_id and other.data_source_connection_id <> connection
    left join autopilot.tickets as own on own.organization_id = organization
      and own.external_id = prefix || l.external_id and own.data_source_connection_id = connection
  ), before as (
    select k.key, t.cluster_id, (coalesce(t.source_created_at, t.created_at) at time zone 'UTC')::date as day
    from keyed as k
    join autopilot.tickets as t on t.organization_id = organization and t.external_id = k.key
  ), upserted as (
    insert into autopilot.tickets as t (
      organization_id, data_source_connection_id, external_id, subject, description, external_status, priority,
      requester, assignee, resolution, source_created_at, source_updated_at, resolved_at, source_metadata, created_at,
      updated_at
    )
    select
      organization, connection, k.key, k.subject, k.description, k.external_status, k.priority, k.requester, k.assignee,
      k.resolution, k.source_created_at, k.source_updated_at, k.resolved_at, k.source_metadata, moment, moment
    from keyed as k
    order by k.key
    on conflict (organization_id, external_id) do update
    set
      data_source_connection_id = excluded.data_source_connection_id, subject = excluded.subject,
      description = excluded.description, external_status = excluded.external_status, priority = excluded.priority,
      requester = excluded.requester, assignee = excluded.assignee, resolution = excluded.resolution,
      source_created_at = excluded.source_created_at, source_updated_at = excluded.source_updated_at,
      resolved_at = excluded.resolved_at, source_metadata = excluded.source_metadata, vanished_at = null
    where coalesce(t.data_source_connection_id, connection) = connection and (t.vanished_at is not null or (
      t.data_source_connection_id, t.subject, t.description, t.external_status, t.priority, t.requester, t.assignee,
      t.resolution, t.source_created_at, t.source_updated_at, t.resolved_at, t.source_metadata
    ) is distinct from (
      excluded.data_source_connection_id, excluded.subject, excluded.description, excluded.external_status,
      excluded.priority, excluded.requester, excluded.assignee, excluded.resolution, excluded.source_created_at,
      excluded.source_updated_at, excluded.resolved_at, excluded.source_metadata
    ))
    returning t.external_id as key, t.cluster_id,
      (coalesce(t.source_created_at, t.created_at) at time zone 'UTC')::date as day
  ), touched as (
    select u.cluster_id, u.day from upserted as u where u.cluster_id is not null
    union
    select b.cluster_id, b.day from before as b join upserted as u on u.key = b.key where b.cluster_id is not null
  )
  select
    (select count(*) from keyed), (select count(*) from upserted), (select array_agg(t.cluster_id) from touched as t),
    (select array_agg(t.day) from touched as t), (select array_agg(k.key) from keyed as k)
  into given, written, clusters, days, keys;
  if (
    select count(*) from autopilot.tickets as t
    where t.organization_id = organization and t.external_id = any (keys) and t.data_source_connection_id = connection
  ) < given then
    raise exception 'tickets: another program wrote one of these numbers at the same time; send the batch again'
      using errcode = 'PT409';
  end if;
end
$$;
revoke all on function autopilot.upsert_tickets from public;
