-- A page of the notifications of a tenant that were read from the three queues, the newest first. `before` is the
-- number (`seq`) of the last one of the page before.
-- call: replica
create or replace function autopilot.list_messages(
  tenant uuid default null, max_messages integer default 50, before bigint default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(n) order by n.seq desc), '[]') from (
    select m.seq, m.queue, m.subject_id, m.payload, m.created_at from autopilot.received_messages as m
    where m.organization_id = autopilot.tenant_of(list_messages.tenant)
      and m.seq < (select coalesce(list_messages.before, 9223372036854775807))
    order by m.seq desc limit least(max_messages, 1000)
  ) as n
$$;
revoke all on function autopilot.list_messages from public;
grant execute on function autopilot.list_messages to authenticated, service_role, app_rw, app_ro;
