-- Record messages of a queue, in their order, each once: `messages` is a list of at most 1,000 {key, message}. `key` is
-- the id that the sender gave the message, or `sha256:` and the digest of its content. A message that could not be read
-- comes as {key, message, code, detail}: its text, and the reason. A message that cannot be processed becomes a
-- failure. Otherwise only a mark is written for each message, which tells that it was received; marks older than a week
-- are deleted. For the job that reads the queues. Raises PT404 for an unknown tenant, and PT400. Returns {received,
-- repeated, failed}: counts.
-- call: repeatable
create or replace function autopilot.receive_messages(
  tenant uuid, queue text, messages jsonb, actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  one record;
  found_words text[] := '{}';
begin
  perform app_private.act_by('system', receive_messages.actor_id, receive_messages.door);
  perform app_private.check_texts('queue', receive_messages.queue);
  if not exists (select from public.tenants as t where t.id = receive_messages.tenant) then
    raise exception 'tenant_id: no tenant %', tenant using errcode = 'PT404';
  elsif coalesce(receive_messages.queue, '')
    not in ('data_source_status', 'cluster_notification', 'enrichment_notification') then
    raise exception 'queue: must be data_source_status, cluster_notification or enrichment_notification'
      using errcode = 'PT400';
  elsif jsonb_typeof(messages) is distinct from 'array' or jsonb_array_length(messages) > 1000 then
    raise exception 'messages: must be a list of at most 1000' using errcode = 'PT400';
  end if;
  -- The numbers of an organization's messages are in the order of the commits, so a reader never misses one.
  perform pg_advisory_xact_lock(hashtextextended(tenant::text, 72));
  for one in
    select e.element ->> 'key' as key, e.element -> 'message' as message, e.element ->> 'code' as code,
      e.element ->> 'detail' as detail
    from jsonb_array_elements(messages) with ordinality as e (element, place)
    order by e.place
  loop
    found_words := found_words || autopilot.receive_message(
      tenant, receive_messages.queue, one.key, one.message, one.code, one.detail, false, moment
    );
  end loop;
  delete from autopilot.received_messages as m
  where m.organization_id = tenant and m.key in (
    select o.key from autopilot.received_messages as o
    where o.organization_id = tenant and o.created_at < moment - interval '7 days'
      and o.seq is distinct from (
        select max(n.seq) from autopilot.received_messages as n where n.organization_id = tenant
      )
    order by o.created_at
    limit 1000
  );
  return jsonb_build_object(
    'received', cardinality(array_positions(found_words, 'received')),
    'repeated', cardinality(array_positions(found_words, 'repeated')),
    'failed', cardinality(array_positions(found_words, 'failed'))
  );
end
$$;
revoke all on function autopilot.receive_messages from public;
grant execute on function autopilot.receive_messages to service_role, app_rw;
