-- Add a note of a person to a conversation: a message of direction `system`. It is never sent to the customer, and no
-- draft is based on it. Raises PT404 for an unknown conversation, and PT400 without a text. Returns {conversation_id,
-- message_id}.
-- call: not repeatable
create or replace function drafts.add_note(
  tenant uuid default null, conversation uuid default null, note text default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  stored drafts.messages;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if coalesce(note, '') = '' then
    raise exception 'note: is required' using errcode = 'PT400';
  elsif octet_length(note) > 65536 then
    raise exception 'note: is % bytes; at most 65536 fit', octet_length(note) using errcode = 'PT400';
  end if;
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  insert into drafts.messages as m (
    tenant_id, conversation_id, direction, body_text, sent_at, received_at, author_user_id
  )
  select c.tenant_id, c.id, 'system', note, moment, moment, me.id from drafts.conversations as c
  where c.tenant_id = caller.tenant_id and c.id = add_note.conversation
  returning m.* into stored;
  if stored.id is null then
    raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
  end if;
  perform drafts.add_audit(stored.tenant_id, caller.actor_type, caller.actor_id, 'conversation.noted', jsonb_build_object(
    'conversation_id', stored.conversation_id, 'message_id', stored.id
  ), moment);
  return jsonb_build_object('conversation_id', stored.conversation_id, 'message_id', stored.id);
end
$$;
revoke all on function drafts.add_note from public;
grant execute on function drafts.add_note to authenticated, service_role, app_rw;
