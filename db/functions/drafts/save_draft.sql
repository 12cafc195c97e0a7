-- Store the draft for a conversation. It answers the messages up to `trigger_message`. `draft` has the fields of a
-- DraftedReply in control_plane/apps/drafts/drafter. Pending drafts that nobody edited are superseded; edited ones stay
-- beside the new one. The new draft gets the assignee and the priority of the draft before it and, if nobody decided
-- about that draft, its escalation.
-- Returns {saved, draft_id}, or {saved, reason} if nothing was stored: `moved_on` if the conversation has changed (a
-- new message, an answer, or its end), `already_drafted` if the message has a draft.
-- For owners and the job that writes drafts. Agents use drafts.write_draft, where they cannot state topic, sources and
-- confidence: with these, their own replies could be approved automatically.
-- call: repeatable
create or replace function drafts.save_draft(
  tenant uuid default null, conversation uuid default null, trigger_message uuid default null,
  draft jsonb default null, actor_type text default 'operator', actor_id text default null, door text default null,
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
  before drafts.drafts;
  draft_row drafts.drafts;
  superseded uuid[];
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform drafts.check_fields('draft', draft, '{
    "attachments": "list", "confidence": "number", "html": "text", "input_tokens": "integer", "language": "text",
    "model_key": "text", "output_tokens": "integer", "prompt_version": "text", "sources": "list", "text": "text",
    "topic": "text"
  }');
  perform drafts.check_fields(format('sources[%s]', s.nth - 1), s.source, '{
    "score": "number", "title": "text", "url": "text"
  }')
  from jsonb_array_elements(draft -> 'sources') with ordinality as s (source, nth) where draft -> 'sources' <> 'null';
  perform drafts.check_files(nullif(draft -> 'attachments', 'null'));
  if coalesce(draft ->> 'cost_usd', '0') !~ '^\d{1,12}(\.\d{1,12})?$' then
    raise exception 'cost_usd: must be an amount, such as 0.0125' using errcode = 'PT400';
  elsif coalesce(draft ->> 'text', '') = '' then
    raise exception 'text: is required' using errcode = 'PT400';
  elsif trigger_message is null then
    raise exception 'trigger_message: is required' using errcode = 'PT400';
  end if;
  select * into thread from drafts.conversations as c
  where c.tenant_id = caller.tenant_id and c.id = save_draft.conversation for no key update;
  if thread.id is null then
    raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
  elsif thread.unanswered_id is distinct from trigger_message then
    return jsonb_build_object('saved', false, 'reason', 'moved_on');
  elsif exists (
    select from drafts.drafts as d where d.tenant_id = thread.tenant_id and d.trigger_message_id = trigger_message
  ) then
    return jsonb_build_object('saved', false, 'reason', 'already_drafted');
  end if;

  select * into before from drafts.drafts as d
  where d.tenant_id = thread.tenant_id and d.conversation_id = thread.id
  order by d.status = 'pending' desc, d.created_at desc, d.id desc limit 1;
  with replaced as (
    update drafts.drafts as d set status = 'superseded'
    where d.tenant_id = thread.tenant_id and d.conversation_id = thread.id and d.status = 'pending'
      and d.edited_at is null
    returning d.id
  )
  select array_agg(r.id) into superseded from replaced as r;
  insert into drafts.drafts as d (
    tenant_id, conversation_id, trigger_message_id, model_key, prompt_version, suggested_text, suggested_html,
    top_sources, confidence, language, topic, input_tokens, output_tokens, cost_usd, instruction, attachments, priority,
    due_at, assignee_user_id, escalated_at, escalated_by, escalated_reason, created_at, updated_at
  )
  values (
    thread.tenant_id, thread.id, trigger_message, coalesce(draft ->> 'model_key', 'unknown'),
    coalesce(draft ->> 'prompt_version', 'none'), draft ->> 'text', draft ->> 'html',
    coalesce(draft -> 'sources', '[]'), (draft ->> 'confidence')::double precision, draft ->> 'language',
    draft ->> 'topic', coalesce((draft ->> 'input_tokens')::integer, 0), coalesce((draft ->> 'output_tokens')::integer, 0),
    coalesce((draft ->> 'cost_usd')::numeric, 0), thread.draft_instruction, coalesce(draft -> 'attachments', '[]'),
    coalesce(before.priority, 'normal'),
    thread.unanswered_since
      + drafts.due_minutes(thread.tenant_id, coalesce(before.priority, 'normal')) * interval '1 minute',
    before.assignee_user_id,
    case when before.status in ('pending', 'superseded') then before.escalated_at end,
    case when before.status in ('pending', 'superseded') then before.escalated_by end,
    case when before.status in ('pending', 'superseded') then before.escalated_reason end,
    moment, moment
  )
  returning d.* into draft_row;
  update drafts.conversations as c
  set draft_at = null, draft_instruction = null, abstained_at = null, abstained_reason = null
  where c.tenant_id = thread.tenant_id and c.id = thread.id;
  perform drafts.notify(thread.tenant_id, draft_row.assignee_user_id, 'draft.ready', jsonb_build_object(
    'conversation_id', thread.id, 'draft_id', draft_row.id
  ), moment);
  perform drafts.add_audit(thread.tenant_id, caller.actor_type, caller.actor_id, 'draft.created', jsonb_build_object(
    'conversation_id', thread.id, 'draft_id', draft_row.id, 'message_id', trigger_message,
    'model_key', draft_row.model_key, 'prompt_version', draft_row.prompt_version,
    'sha256', encode(sha256(convert_to(draft_row.suggested_text, 'UTF8')), 'hex'),
    'superseded', to_jsonb(superseded)
  ), moment);
  return jsonb_build_object('saved', true, 'draft_id', draft_row.id);
end
$$;
revoke all on function drafts.save_draft from public;
grant execute on function drafts.save_draft to authenticated, service_role, app_rw;
