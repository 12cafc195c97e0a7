-- Request a new draft of a conversation now, with or without an `instruction` for the drafter: after an abstention, a
-- rejection, or a reply that could not be delivered. Pending drafts that nobody edited are superseded. Returns
-- {conversation_id, trigger_message_id}. Raises PT404 for an unknown conversation, and PT409 if the conversation has no
-- message that can be answered.
-- call: repeatable
create or replace function drafts.request_draft(
  tenant uuid default null, conversation uuid default null, instruction text default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  thread drafts.conversations;
  answered_id uuid;
  superseded uuid[];
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if octet_length(instruction) > 16384 then
    raise exception 'instruction: is % bytes; at most 16384 fit', octet_length(instruction) using errcode = 'PT400';
  end if;
  select * into thread from drafts.conversations as c
  where c.tenant_id = caller.tenant_id and c.id = request_draft.conversation for no key update;
  if thread.id is null then
    raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
  end if;
  answered_id := coalesce(thread.unanswered_id, (
    select m.id from drafts.messages as m
    where m.tenant_id = thread.tenant_id and m.conversation_id = thread.id and m.direction = 'inbound'
      and m.automatic is null
    order by m.sent_at desc, m.id desc limit 1
  ));
  if answered_id is null then
    raise exception 'conversation: % has no message that can be answered', thread.id using errcode = 'PT409';
  end if;
  update drafts.drafts as d set trigger_message_id = null
  where d.tenant_id = thread.tenant_id and d.trigger_message_id = answered_id;
  with replaced as (
    update drafts.drafts as d set status = 'superseded'
    where d.tenant_id = thread.tenant_id and d.conversation_id = thread.id and d.status = 'pending'
      and d.edited_at is null
    returning d.id
  )
  select array_agg(r.id) into superseded from replaced as r;
  update drafts.conversations as c
  set
    draft_at = moment, draft_instruction = nullif(request_draft.instruction, ''), unanswered_id = answered_id,
    unanswered_since = coalesce(c.unanswered_since, moment), abstained_at = null, abstained_reason = null
  where c.tenant_id = thread.tenant_id and c.id = thread.id;
  perform drafts.add_audit(thread.tenant_id, caller.actor_type, caller.actor_id, 'draft.requested', jsonb_build_object(
    'conversation_id', thread.id, 'message_id', answered_id, 'superseded', to_jsonb(superseded)
  ), moment);
  return jsonb_build_object('conversation_id', thread.id, 'trigger_message_id', answered_id);
end
$$;
revoke all on function drafts.request_draft from public;
grant execute on function drafts.request_draft to authenticated, service_role, app_rw;
