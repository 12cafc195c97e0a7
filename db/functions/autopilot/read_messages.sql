-- For each run and cluster of a tenant its newest message, if that came after the message with the number `after`; in
-- the order of their numbers. If `after` is null, there are none. Returns {first, last, items}: the number of the
-- oldest and of the newest message that is kept (0 without messages), and these messages.
-- call: replica
create or replace function autopilot.read_messages(
  tenant uuid default null, after bigint default null, max_messages integer default 100
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  select jsonb_build_object(
    'first', coalesce((
      select m.seq from autopilot.received_messages as m
      where m.organization_id = autopilot.tenant_of(read_messages.tenant) and m.seq is not null order by m.seq limit 1
    ), 0),
    'last', coalesce((
      select m.seq from autopilot.received_messages as m
      where m.organization_id = autopilot.tenant_of(read_messages.tenant) and m.seq is not null
      order by m.seq desc limit 1
    ), 0),
    'items', coalesce((
      select jsonb_agg(to_jsonb(n) order by n.seq) from (
        select m.seq, m.queue, m.subject_id, m.payload, m.created_at from autopilot.received_messages as m
        where m.organization_id = autopilot.tenant_of(read_messages.tenant) and m.seq > read_messages.after
          and not exists (
            select from autopilot.received_messages as o
            where o.organization_id = autopilot.tenant_of(read_messages.tenant) and o.queue = m.queue
              and o.subject_id = m.subject_id and o.seq > m.seq
          )
        order by m.seq limit least(max_messages, 1000)
      ) as n
    ), '[]')
  )
$$;
revoke all on function autopilot.read_messages from public;
grant execute on function autopilot.read_messages to authenticated, service_role, app_rw, app_ro;
