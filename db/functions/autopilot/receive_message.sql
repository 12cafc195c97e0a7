-- Record one message of a queue. `code` and `detail` are given for a message that could not even be read. A message
-- with a problem becomes a failure with the reason, unless it has one already because it is processed again
-- (`is_redriven`). The calling function holds the lock of the organization's messages. Returns what became of the
-- message: `received`, `repeated` or `failed`.
--
-- A message to which its sender gave no id is recognized by its content. If a newer message about the same run or
-- cluster has come since, it counts as new: the state changed, and changed back.
-- call: internal
create or replace function autopilot.receive_message(
  organization uuid, queue text, key text, message jsonb, code text, detail text, is_redriven boolean,
  moment timestamptz
)
returns text
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  problem record;
  is_fine boolean;
begin
  select receive_message.code as code, receive_message.detail as detail into problem;
  if problem.code is null then
    select * into problem from autopilot.message_problem(organization, receive_message.queue, message);
  end if;
  is_fine := problem.code is null;
  insert into autopilot.received_messages as m (organization_id, key, queue, seq, subject_id, payload, created_at)
  values (
    organization, receive_message.key, receive_message.queue,
    case when is_fine then 1 + coalesce((
      select max(o.seq) from autopilot.received_messages as o where o.organization_id = organization
    ), 0) end,
    case when is_fine then autopilot.message_subject(receive_message.queue, message) end,
    case when is_fine then (
      select jsonb_object_agg(f.key, f.value) from jsonb_each(message) as f
      where f.key in ('type', 'tenant_id') or f.key = any (case receive_message.queue
        when 'data_source_status' then array['user_id', 'ingestion_run_id', 'status', 'records_processed']
        when 'cluster_notification' then array['cluster_id', 'action']
        else array['cluster_id', 'kb_status', 'articles_count']
      end)
    ) end,
    moment
  )
  on conflict on constraint received_messages_pkey do update
  set
    queue = excluded.queue, seq = excluded.seq, subject_id = excluded.subject_id, payload = excluded.payload,
    created_at = excluded.created_at
  where excluded.seq is not null and (
    m.seq is null or m.key like 'sha256:%' and exists (
      select from autopilot.received_messages as o
      where o.organization_id = organization and o.queue = m.queue and o.subject_id = m.subject_id and o.seq > m.seq
    )
  );
  if not found and not is_redriven then
    return 'repeated';
  elsif is_fine then
    return 'received';
  end if;
  if not is_redriven then
    insert into autopilot.message_processing_failures (
      organization_id, source, external_id, code, detail, payload, created_at
    )
    values (
      organization, receive_message.queue, receive_message.key, problem.code, problem.detail,
      case when octet_length(message::text) <= 65536 then message end, moment
    );
  end if;
  return 'failed';
end
$$;
revoke all on function autopilot.receive_message from public;
