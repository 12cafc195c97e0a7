-- The connections whose sync is due: they are enabled, have no open run, and either their last run was created at least
-- `sync_every_minutes` ago, or a person has asked since that run to read a failed ticket again.
-- call: internal
create or replace function autopilot.due_connections(moment timestamptz)
returns table (organization_id uuid, id uuid)
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select c.organization_id, c.id from autopilot.data_source_connections as c
  cross join lateral (
    select max(r.created_at) as created_at, coalesce(bool_or(r.status in ('pending', 'running')), false) as is_open
    from (
      select r.created_at, r.status from autopilot.ingestion_runs as r
      where r.organization_id = c.organization_id and r.data_source_connection_id = c.id
      order by r.created_at desc limit 1
    ) as r
  ) as last
  where c.is_enabled and not last.is_open and (
    coalesce(last.created_at, '-infinity') <= moment - c.sync_every_minutes * interval '1 minute'
    or exists (
      select from autopilot.message_processing_failures as f
      where f.organization_id = c.organization_id and f.source = c.id::text and f.redriven_at is null
        and f.redrive_requested_at > coalesce(last.created_at, '-infinity')
    )
  )
$$;
revoke all on function autopilot.due_connections from public;
