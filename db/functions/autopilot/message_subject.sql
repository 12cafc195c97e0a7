-- The run or the cluster that a message of one of the three queues is about. Null if its id is no UUID.
-- call: internal
create or replace function autopilot.message_subject(queue text, message jsonb)
returns uuid language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when named.id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then named.id::uuid end
  from (
    select message ->> case when queue = 'data_source_status' then 'ingestion_run_id' else 'cluster_id' end as id
  ) as named
$$;
revoke all on function autopilot.message_subject from public;
