-- Check that an envelope sends exactly the reply that a person decided: to the conversation (`thread`), with the tool
-- and the account of the channel (`place`), the text `words` and the HTML `html`. If the reply has files (`has_files`),
-- links to them may follow the text. Without this check, a user who calls drafts.decide_draft over the Data API could
-- record one reply and send another. Only arguments that control_plane/apps/drafts/reply.py writes are allowed, because
-- a tool might send another argument in place of the text. Raises PT400 with the name of the wrong argument, and PT409
-- if the channel or the conversation cannot be answered.
-- call: internal
create or replace function drafts.check_reply(
  envelope jsonb, place drafts.channels, thread drafts.conversations, words text, html text, has_files boolean
)
returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  arguments constant jsonb := envelope -> 'arguments';
  recipient constant text := coalesce(thread.reply_to, thread.customer_email);
  form constant text := case when place.type = 'chat' then coalesce(place.metadata ->> 'reply_form', '') else place.type end;
  known constant text[] := case form
    when 'email' then array['to', 'subject', 'text', 'html', 'in_reply_to', 'references', 'reply_to']
    when 'slack' then array['channel', 'thread_ts', 'text']
    when 'chatwoot' then array['conversation_id', 'content', 'message_type']
    when 'zendesk' then array['ticket_id', 'ticket']
    else array['conversation_id', 'text', 'html', 'files']
  end;
  unknown constant text := (
    select min(k.key) from jsonb_object_keys(arguments) as k (key) where k.key <> all (known)
  );
  sent_text constant text := case form
    when 'chatwoot' then arguments ->> 'content'
    when 'zendesk' then case
      when (arguments -> 'ticket') #- '{comment,body}' = '{"comment": {"public": true}}'
        then arguments #>> '{ticket,comment,body}'
    end
    else arguments ->> 'text'
  end;
  sent_to constant text := case form
    when 'slack' then rtrim((arguments ->> 'channel') || ':' || coalesce(arguments ->> 'thread_ts', ''), ':')
    when 'zendesk' then arguments ->> 'ticket_id'
    else arguments ->> 'conversation_id'
  end;
  own_text constant text := case place.type   -- as services/tools/http/slack.py escapes it
    when 'slack' then replace(replace(replace(words, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')
    else words
  end;
  local constant text := split_part(lower(arguments ->> 'reply_to'), '@', 1);
  domain constant text := split_part(lower(arguments ->> 'reply_to'), '@', 2);
  own_local constant text := split_part(lower(place.external_id), '@', 1);
  own_domain constant text := split_part(lower(place.external_id), '@', 2);
begin
  if place.reply_tool_slug is null then
    raise exception 'channel: % has no tool that sends replies', place.name using errcode = 'PT409';
  elsif envelope ->> 'tool_slug' is distinct from place.reply_tool_slug then
    raise exception 'envelope.tool_slug: must be %, the tool of the channel', place.reply_tool_slug
      using errcode = 'PT400';
  elsif envelope ->> 'connected_account_id' is distinct from place.reply_account_id then
    raise exception 'envelope.connected_account_id: must be that of the channel' using errcode = 'PT400';
  elsif place.type = 'email' and recipient is null then
    raise exception 'conversation: % has no address to answer to', thread.id using errcode = 'PT409';
  elsif place.type = 'email' and arguments -> 'to' is distinct from jsonb_build_array(recipient) then
    raise exception 'envelope.arguments.to: must be the address of the conversation, and nothing else'
      using errcode = 'PT400';
  elsif unknown is not null then
    raise exception 'envelope.arguments.%: is no argument of a reply in this channel', unknown using errcode = 'PT400';
  elsif place.type <> 'email' and sent_to is distinct from thread.external_id then
    raise exception 'envelope.arguments: must name the conversation % of the channel', thread.external_id
      using errcode = 'PT400';
  elsif not coalesce(case when has_files then starts_with(sent_text, own_text) else sent_text = own_text end, false) then
    raise exception 'envelope.arguments.text: must be the text of the reply' using errcode = 'PT400';
  elsif arguments ? 'html' and arguments ->> 'html' is distinct from html then
    raise exception 'envelope.arguments.html: must be the HTML of the reply' using errcode = 'PT400';
  elsif arguments ? 'reply_to' and not coalesce(
    (own_local = local or starts_with(local, own_local || '+')) and domain = own_domain, false
  ) then
    raise exception 'envelope.arguments.reply_to: must be an address of the channel' using errcode = 'PT400';
  end if;
end
$$;
revoke all on function drafts.check_reply from public;
