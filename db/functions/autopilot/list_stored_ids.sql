-- A page of the tickets of a connection, by the numbers under which they are stored. `after` is the last `key` of the page
-- before. For workers. Returns a list of {id, key, external_id, is_vanished}; `external_id` is the number in the ticket
-- system, without the prefix that the stored number may have.
-- call: repeatable
create or replace function autopilot.list_stored_ids(
  tenant uuid, connection uuid, after text default '', max_tickets integer default 10000
)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp
-- read in the order of the index of the connection: the planner would sort all of its tickets for each page
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', t.id, 'key', t.external_id, 'is_vanished', t.vanished_at is not null,
    'external_id', case
      when starts_with(t.external_id, left(connection::text, 8) || ':') then substr(t.external_id, 10)
      else t.external_id
    end
  ) order by t.external_id), '[]')
  from (
    select t.* from autopilot.tickets as t
    where t.organization_id = tenant and t.data_source_connection_id = connection
      and t.external_id > list_stored_ids.after
    order by t.external_id
    limit least(max_tickets, 10000)
  ) as t
$$;
revoke all on function autopilot.list_stored_ids from public;
grant execute on function autopilot.list_stored_ids to service_role, app_rw;
