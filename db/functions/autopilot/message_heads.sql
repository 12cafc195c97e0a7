-- For each of these tenants the number (`seq`) of its newest message, as {tenant: number}. Tenants without messages are
-- left out. For the API, which asks for all tenants whose streams are open.
-- call: replica
create or replace function autopilot.message_heads(tenants uuid[])
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_object_agg(t.id, newest.seq), '{}')
  from unnest(tenants) as t (id)
  cross join lateral (
    select m.seq from autopilot.received_messages as m
    where m.organization_id = t.id and m.seq is not null order by m.seq desc limit 1
  ) as newest
$$;
revoke all on function autopilot.message_heads from public;
grant execute on function autopilot.message_heads to service_role, app_rw;
