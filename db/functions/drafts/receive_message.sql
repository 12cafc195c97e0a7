-- Store a message of a channel, and its conversation if it is new. `message` has the fields of
-- control_plane/apps/drafts/inbound.py and `direction`: inbound, or outbound for a reply that somebody sent elsewhere.
-- The channel is the channel of `conversation` if that is given, else `channel`, else the channel with the message's
-- channel_external_id.
-- A message that is stored already changes nothing. An inbound message of a person reopens its conversation, supersedes
-- the pending drafts that nobody edited, and requests a draft. An outbound message supersedes these drafts too, and the
-- conversation then needs no draft. An automatic message is only stored.
-- Returns {conversation_id, message_id, created, flagged, needs_draft}; for a copy of our own reply also envelope_id
-- and delivery_state. Raises PT404 for an unknown channel or conversation, and PT400 for a message without text or
-- time.
-- call: repeatable
create or replace function drafts.receive_message(
  tenant uuid default null, message jsonb default null, channel uuid default null, conversation uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  direction constant text := coalesce(message ->> 'direction', 'inbound');
  message_text constant text := message ->> 'text';
  own_key constant text := drafts.thread_key(nullif(message ->> 'external_id', ''), 998);
  automatic constant text := nullif(message ->> 'automatic', '');
  closes boolean;
  keys text[];
  caller record;
  channel_row drafts.channels;
  thread drafts.conversations;
  earlier drafts.messages;
  stored drafts.messages;
  key text;
  needs_draft boolean := false;
  superseded uuid[];
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'agent');
  perform drafts.check_fields('message', message, '{
    "attachments": "list", "automatic": "text", "channel_external_id": "text", "closes": "flag",
    "conversation_external_id": "text", "conversation_keys": "list", "customer_email": "text", "customer_name": "text",
    "direction": "text", "external_id": "text", "from_address": "text", "html": "text", "metadata": "object",
    "reply_to": "text", "sent_at": "moment", "status": "text", "subject": "text", "text": "text"
  }');
  perform drafts.check_fields(format('attachments[%s]', f.nth - 1), f.file, '{
    "content_type": "text", "name": "text", "note": "text", "reference": "text", "sha256": "text", "size_bytes": "integer"
  }')
  from jsonb_array_elements(message -> 'attachments') with ordinality as f (file, nth)
  where message -> 'attachments' <> 'null';
  closes := coalesce((message ->> 'closes')::boolean, false);
  if message_text is null then
    raise exception 'text: is required' using errcode = 'PT400';
  elsif message ->> 'sent_at' is null then
    raise exception 'sent_at: is required, as ISO 8601' using errcode = 'PT400';
  elsif direction not in ('inbound', 'outbound') then
    raise exception 'direction: is neither inbound nor outbound' using errcode = 'PT400';
  end if;

  if conversation is not null then
    select * into thread from drafts.conversations as c
    where c.tenant_id = caller.tenant_id and c.id = receive_message.conversation;
    if thread.id is null then
      raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
    end if;
  end if;
  select * into channel_row from drafts.channels as ch
  where ch.tenant_id = caller.tenant_id and case
    when thread.id is not null then ch.id = thread.channel_id
    when channel is not null then ch.id = receive_message.channel
    else ch.external_id = message ->> 'channel_external_id'
  end;
  if channel_row.id is null then
    raise exception 'channel: no channel %', coalesce(channel::text, message -> 'channel_external_id' #>> '{}')
      using errcode = 'PT404';
  end if;

  keys := array(
    select drafts.thread_key(k.key, 998) from jsonb_array_elements_text(
      case jsonb_typeof(message -> 'conversation_keys') when 'array' then message -> 'conversation_keys' else '[]' end
    ) with ordinality as k (key, nth)
    where k.key <> '' order by k.nth limit 60
  );
  key := coalesce(drafts.thread_key(nullif(message ->> 'conversation_external_id', ''), 998), keys[1], own_key);
  if key is null then
    raise exception 'conversation_external_id: is required' using errcode = 'PT400';
  end if;
  -- Calls whose messages share a key wait for each other, so two messages of one thread get the same conversation. The
  -- keys are locked in one order, before any row, so that calls never deadlock.
  perform pg_advisory_xact_lock(sorted.lock)
  from (
    select distinct hashtextextended('drafts:' || channel_row.id || ':' || k.key, 0) as lock
    from unnest(keys || key || own_key) as k (key)
    where k.key is not null
    order by 1
  ) as sorted;

  -- The first known key finds the conversation. A key is the id of a conversation or, in e-mail only, where ids are unique
  -- worldwide, the id of a message.
  if thread.id is null then
    select * into thread
    from drafts.conversations as c
    where c.tenant_id = caller.tenant_id and c.id = (
      select found.id
      from unnest(
        case when channel_row.type = 'email' then array_remove(array[own_key], null) else '{}' end || keys || key
      ) with ordinality as k (key, nth)
      cross join lateral (
        select 1 as nth, t.id from drafts.conversations as t
        where t.tenant_id = caller.tenant_id and t.channel_id = channel_row.id and t.external_id = drafts.thread_key(k.key, 255)
        union all
        select 2, t.id from drafts.messages as m
        join drafts.conversations as t on t.tenant_id = m.tenant_id and t.id = m.conversation_id
        where channel_row.type = 'email' and m.tenant_id = caller.tenant_id and m.external_id = k.key
          and t.channel_id = channel_row.id
        union all
        select 3, t.id from drafts.conversations as t   -- the id in our own reply address
        where channel_row.type = 'email' and t.tenant_id = caller.tenant_id and t.channel_id = channel_row.id and t.id = case
            when k.key ~ '^conversation:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then substr(k.key, 14)::uuid end
      ) as found
      order by k.nth, found.nth, found.id
      limit 1
    );
  end if;
  if thread.id is null then
    insert into drafts.conversations as c (
      tenant_id, channel_id, external_id, subject, customer_email, customer_name, created_at, updated_at
    )
    values (
      caller.tenant_id, channel_row.id, drafts.thread_key(key, 255), message ->> 'subject', message ->> 'customer_email',
      message ->> 'customer_name', moment, moment
    )
    on conflict on constraint uq_conversations_external_id do update set updated_at = c.updated_at
    returning c.* into thread;
  end if;
  select * into thread from drafts.conversations as c
  where c.tenant_id = thread.tenant_id and c.id = thread.id for no key update;

  -- A message with a known id and another text is stored beside the first one, and flagged.
  key := coalesce(own_key, 'sha256:' || encode(sha256(convert_to(jsonb_build_array(
    thread.id, direction, message ->> 'customer_email', message ->> 'sent_at', message_text
  )::text, 'UTF8')), 'hex'));
  select * into earlier from drafts.messages as m
  where m.tenant_id = thread.tenant_id and m.conversation_id = thread.id and m.external_id = key;
  if earlier.id is not null and earlier.archived_at is null and earlier.body_text <> message_text
    and not (earlier.direction = 'outbound' and direction = 'outbound') then
    key := drafts.thread_key(key, 900) || '#' || left(encode(sha256(convert_to(message_text, 'UTF8')), 'hex'), 16);
    select * into stored from drafts.messages as m
    where m.tenant_id = thread.tenant_id and m.conversation_id = thread.id and m.external_id = key;
  else
    stored := earlier;
    earlier := null;
  end if;
  if stored.id is not null then
    return jsonb_strip_nulls(jsonb_build_object(
      'conversation_id', thread.id, 'message_id', stored.id, 'created', false, 'flagged', stored.same_id_as is not null,
      'needs_draft', false, 'envelope_id', stored.envelope_id, 'delivery_state', stored.delivery_state
    ));
  end if;

  insert into drafts.messages as m (
    tenant_id, conversation_id, external_id, direction, subject, body_text, body_html, sent_at, metadata, received_at,
    from_address, reply_to, automatic, same_id_as
  )
  values (
    thread.tenant_id, thread.id, key, direction, message ->> 'subject', message_text, message ->> 'html',
    (message ->> 'sent_at')::timestamptz,
    case jsonb_typeof(message -> 'metadata') when 'object' then message -> 'metadata' else '{}' end, moment,
    coalesce(message ->> 'from_address', message ->> 'customer_email'), nullif(message ->> 'reply_to', ''), automatic,
    earlier.id
  )
  returning m.* into stored;
  insert into drafts.attachments (
    tenant_id, message_id, file_name, mime_type, size_bytes, file_url, sha256, note, created_at
  )
  select
    thread.tenant_id, stored.id, coalesce(f.name, ''), coalesce(f.content_type, 'application/octet-stream'),
    coalesce(f.size_bytes, 0), coalesce(f.reference, ''), f.sha256, f.note, moment
  from jsonb_to_recordset(
    case jsonb_typeof(message -> 'attachments') when 'array' then message -> 'attachments' else '[]' end
  ) as f (name text, content_type text, size_bytes integer, reference text, sha256 text, note text);

  -- A mailbox that is read for the first time has old messages: messages that were already answered get no draft.
  needs_draft := direction = 'inbound' and automatic is null and not closes and not (
    stored.sent_at < moment - interval '1 day' and exists (
      select from drafts.messages as m
      where m.tenant_id = thread.tenant_id and m.conversation_id = thread.id and m.direction = 'outbound'
        and m.sent_at > stored.sent_at
    )
  );
  if needs_draft or direction = 'outbound' or closes then
    with replaced as (
      update drafts.drafts as d set status = 'superseded'
      where d.tenant_id = thread.tenant_id and d.conversation_id = thread.id and d.status = 'pending'
        and d.edited_at is null
      returning d.id
    )
    select array_agg(r.id) into superseded from replaced as r;
  end if;
  update drafts.conversations as c
  set
    subject = coalesce(c.subject, stored.subject),
    customer_email = case direction when 'inbound'
      then coalesce(c.customer_email, case when automatic is null then message ->> 'customer_email' end)
      else c.customer_email end,
    customer_name = coalesce(c.customer_name, case when automatic is null then message ->> 'customer_name' end),
    reply_to = case
      when needs_draft then nullif(lower(stored.reply_to), lower(coalesce(c.customer_email, stored.from_address)))
      else c.reply_to
    end,
    last_message_at = greatest(c.last_message_at, moment),
    status = case
      when closes then coalesce(nullif(message ->> 'status', ''), 'closed')
      when nullif(message ->> 'status', '') is not null then message ->> 'status'
      when direction = 'inbound' and automatic is null then 'open'
      else c.status
    end,
    closed_at = case when closes then moment when direction = 'inbound' and automatic is null then null else c.closed_at end,
    unanswered_id = case
      when needs_draft then stored.id when direction = 'outbound' or closes then null else c.unanswered_id end,
    unanswered_since = case
      when needs_draft then coalesce(c.unanswered_since, moment)
      when direction = 'outbound' or closes then null
      else c.unanswered_since
    end,
    draft_at = case
      when needs_draft then moment + coalesce((
        select s.quiet_seconds from drafts.settings as s where s.tenant_id = c.tenant_id
      ), 60) * interval '1 second'
      when direction = 'outbound' or closes then null
      else c.draft_at
    end,
    draft_instruction = case when needs_draft or direction = 'outbound' or closes then null else c.draft_instruction end,
    abstained_at = case when needs_draft or direction = 'outbound' or closes then null else c.abstained_at end,
    abstained_reason = case
      when needs_draft or direction = 'outbound' or closes then null else c.abstained_reason end
  where c.tenant_id = thread.tenant_id and c.id = thread.id;

  if earlier.id is not null then
    perform drafts.notify(thread.tenant_id, null, 'message.same_id', jsonb_build_object(
      'conversation_id', thread.id, 'message_id', stored.id, 'same_id_as', earlier.id
    ), moment);
  end if;
  perform drafts.add_audit(thread.tenant_id, caller.actor_type, caller.actor_id, 'message.received', jsonb_build_object(
    'conversation_id', thread.id, 'message_id', stored.id, 'channel_id', channel_row.id, 'direction', direction,
    'sha256', encode(sha256(convert_to(message_text, 'UTF8')), 'hex'), 'automatic', automatic, 'same_id_as', earlier.id,
    'superseded', to_jsonb(superseded)
  ), moment);
  return jsonb_build_object(
    'conversation_id', thread.id, 'message_id', stored.id, 'created', true, 'flagged', earlier.id is not null,
    'needs_draft', needs_draft
  );
end
$$;
revoke all on function drafts.receive_message from public;
grant execute on function drafts.receive_message to authenticated, service_role, app_rw;
