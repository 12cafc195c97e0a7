-- Begin a reply that a person writes, for example because the drafter found no answer. The reply becomes a pending
-- draft that counts as edited by its author; like every draft, it is sent only after a decision. Returns {draft_id,
-- version, digest}. Raises PT404 for an unknown conversation, and PT400 without a text. An agent may propose a reply
-- too. The draft then names the agent as its model and is never approved automatically. It supersedes the agent's
-- earlier drafts that nobody edited or escalated. If the agent has a pending draft with the same text, nothing changes.
-- call: not repeatable
create or replace function drafts.write_draft(
  tenant uuid default null, conversation uuid default null, final_text text default null,
  final_html text default null, attachments jsonb default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  thread drafts.conversations;
  draft_row drafts.drafts;
  by_agent text;
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'agent');
  by_agent := case when caller.actor_type = 'agent' then left('agent:' || coalesce(caller.actor_id, 'unnamed'), 255) end;
  if coalesce(final_text, '') = '' then
    raise exception 'final_text: is required' using errcode = 'PT400';
  end if;
  perform drafts.check_files(attachments);
  if by_agent is null then
    me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  end if;
  select * into thread from drafts.conversations as c
  where c.tenant_id = caller.tenant_id and c.id = write_draft.conversation for no key update;
  if thread.id is null then
    raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
  end if;
  if by_agent is not null then
    select * into draft_row from drafts.drafts as d
    where d.tenant_id = thread.tenant_id and d.conversation_id = thread.id and d.status = 'pending'
      and d.model_key = by_agent and d.suggested_text = final_text and d.suggested_html is not distinct from final_html
    order by d.created_at desc limit 1;
    if draft_row.id is not null then
      return jsonb_build_object(
        'draft_id', draft_row.id, 'version', draft_row.version, 'digest', drafts.digest_of(draft_row, thread)
      );
    end if;
    -- Only one draft can have a message as its trigger: the earlier drafts give it up, so that the new draft can have it.
    update drafts.drafts as d set status = 'superseded', trigger_message_id = null
    where d.tenant_id = thread.tenant_id and d.conversation_id = thread.id and d.status = 'pending'
      and d.model_key = by_agent and d.edited_at is null and d.escalated_at is null;
  end if;
  insert into drafts.drafts as d (
    tenant_id, conversation_id, trigger_message_id, author_user_id, model_key, prompt_version, suggested_text,
    suggested_html, attachments, due_at, edited_by, edited_at, created_at, updated_at
  )
  values (
    thread.tenant_id, thread.id, case when not exists (
      select from drafts.drafts as other
      where other.tenant_id = thread.tenant_id and other.trigger_message_id = thread.unanswered_id
    ) then thread.unanswered_id end, me.id, coalesce(by_agent, 'person'), 'none', final_text, final_html, coalesce(write_draft.attachments, '[]'),
    coalesce(thread.unanswered_since, moment) + drafts.due_minutes(thread.tenant_id, 'normal') * interval '1 minute',
    me.id, case when by_agent is null then moment end, moment, moment
  )
  returning d.* into draft_row;
  update drafts.conversations as c
  set draft_at = null, draft_instruction = null, abstained_at = null, abstained_reason = null
  where c.tenant_id = thread.tenant_id and c.id = thread.id;
  perform drafts.add_audit(thread.tenant_id, caller.actor_type, caller.actor_id, 'draft.created', jsonb_build_object(
    'conversation_id', thread.id, 'draft_id', draft_row.id, 'model_key', draft_row.model_key,
    'sha256', encode(sha256(convert_to(draft_row.suggested_text, 'UTF8')), 'hex')
  ), moment);
  if by_agent is not null then
    perform drafts.notify(thread.tenant_id, null, 'draft.ready', jsonb_build_object(
      'conversation_id', thread.id, 'draft_id', draft_row.id
    ), moment);
  end if;
  return jsonb_build_object(
    'draft_id', draft_row.id, 'version', draft_row.version, 'digest', drafts.digest_of(draft_row, thread)
  );
end
$$;
revoke all on function drafts.write_draft from public;
grant execute on function drafts.write_draft to authenticated, service_role, app_rw;
