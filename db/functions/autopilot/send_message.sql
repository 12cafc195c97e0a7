-- Enqueue an envelope that sends a message to a workflow, in this transaction. The tool's arguments are exactly
-- `payload`. `key` makes the envelope's `external_id`. Messages with the same `ordering_key` are sent in the order in
-- which they were enqueued. If somebody has proposed another envelope with this `external_id`, the envelope's own id is
-- added to it: a message must not stop the change that it reports. Returns the id of the envelope, or null if
-- `tool_slug` is null.
-- call: internal
create or replace function autopilot.send_message(
  organization uuid, tool_slug text, key text, ordering_key text, payload jsonb, actor_type text, actor_id text,
  as_of timestamptz
)
returns uuid
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  envelope constant uuid := gen_random_uuid();
  external_id text := 'autopilot:' || send_message.key;
begin
  if send_message.tool_slug is null then
    return null;
  end if;
  for attempt in 1 .. 2 loop
    begin
      perform worker_api.enqueue(
        ids => array[envelope], tenants => array[organization], tool_slugs => array[send_message.tool_slug],
        tool_versions => array[null::text], arguments => array[payload], connected_account_ids => array[null::text],
        risks => array['low'], external_ids => array[external_id],
        trust_contexts => array['{}'::jsonb],
        metadata => array[jsonb_build_object('ordering_key', 'autopilot:' || send_message.ordering_key)],
        next_run_at => array[null::timestamptz], actor_type => send_message.actor_type,
        actor_id => coalesce(send_message.actor_id, 'unnamed'), as_of => send_message.as_of,
        door => nullif(current_setting('app.door', true), '')
      );
      exit;
    exception when sqlstate 'PT409' then
      if attempt = 2 then
        raise;
      end if;
      external_id := external_id || ':' || envelope;
    end;
  end loop;
  return envelope;
end
$$;
revoke all on function autopilot.send_message from public;
