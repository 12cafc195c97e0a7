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
-- a plan made while the table was empty would read all tickets for each number
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
declare
  prefix constant text := left(connection::text, 8) || ':';
  expected bigint;
begin
  with last as (
    select distinct on (d.external_id) d.*
    from jsonb_array_elements(tickets) with ordinality as e (ticket, place)
    cross join lateral jsonb_populate_record(null::autopilot.tickets, e.ticket) as d
    where e.place <> all (unfit)
    order by d.external_id, e.place desc
  ), keyed as (
    select l.*, case
      when own.data_source_connection_id = connection or other.data_source_connection_id <> connection
        then prefix || l.external_id
      else l.external_id
    end as key
    from last as l
    -- `offset 0`: each number is looked up in the unique index; the planner would read all tickets for each number
    left join lateral (
      select t.data_source_connection_id from autopilot.tickets as t
      where t.organization_id = organization and t.external_id = l.external_id
      offset 0
    ) as other on true
    left join lateral (
      select t.data_source_connection_id from autopilot.tickets as t
      where t.organization_id = organization and t.external_id = prefix || l.external_id
      offset 0
    ) as own on true
  ), changed as materialized (
    select
      k.*, b.cluster_id as cluster_before,
      (coalesce(b.source_created_at, b.created_at) at time zone 'UTC')::date as day_before
    from keyed as k
    left join lateral (
      select t.* from autopilot.tickets as t
      where t.organization_id = organization and t.external_id = k.key
      offset 0
    ) as b on true
    where b.id is null or b.vanished_at is not null or (
      b.data_source_connection_id, b.subject, b.description, b.external_status, b.priority, b.requester, b.assignee,
      b.resolution, b.source_created_at, b.source_updated_at, b.resolved_at, b.source_metadata
    ) is distinct from (
      connection, k.subject, k.description, k.external_status, k.priority, k.requester, k.assignee, k.resolution,
      k.source_created_at, k.source_updated_at, k.resolved_at, k.source_metadata
    )
  ), upserted as (
    insert into autopilot.tickets as t (
      organization_id, data_source_connection_id, external_id, subject, description, external_status, priority,
      requester, assignee, resolution, source_created_at, source_updated_at, resolved_at, source_metadata, created_at,
      updated_at
    )
    select
      organization, connection, c.key, c.subject, c.description, c.external_status, c.priority, c.requester, c.assignee,
      c.resolution, c.source_created_at, c.source_updated_at, c.resolved_at, c.source_metadata, moment, moment
    from changed as c
    order by c.key
    on conflict (organization_id, external_id) do update
    set
      data_source_connection_id = excluded.data_source_connection_id, subject = excluded.subject,
      description = excluded.description, external_status = excluded.external_status, priority = excluded.priority,
      requester = excluded.requester, assignee = excluded.assignee, resolution = excluded.resolution,
      source_created_at = excluded.source_created_at, source_updated_at = excluded.source_updated_at,
      resolved_at = excluded.resolved_at, source_metadata = excluded.source_metadata, vanished_at = null
    where coalesce(t.data_source_connection_id, connection) = connection
    returning t.external_id as key, t.cluster_id,
      (coalesce(t.source_created_at, t.created_at) at time zone 'UTC')::date as day
  ), touched as (
    select u.cluster_id, u.day from upserted as u where u.cluster_id is not null
    union
    select c.cluster_before, c.day_before from changed as c join upserted as u on u.key = c.key
    where c.cluster_before is not null
  )
  select
    (select count(*) from keyed), (select count(*) from upserted), (select count(*) from changed),
    (select array_agg(t.cluster_id) from touched as t), (select array_agg(t.day) from touched as t)
  into given, written, expected, clusters, days;
  if written < expected then
    raise exception 'tickets: another program wrote one of these numbers at the same time; send the batch again'
      using errcode = 'PT409';
  end if;
end
$$;
revoke all on function autopilot.upsert_tickets from public;
