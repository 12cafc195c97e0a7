-- Record a reviewer's decision about a draft: approve, edit (approve with `final_text`) or reject (with a `code`).
-- `version` and `digest` identify what the reviewer was shown. An approval also stores the outbound message and, if the
-- text was changed, a learning sample with `diff`. Returns {draft_id, status, action_id, message_id, envelope_id}.
-- An approval or edit needs `envelope`, which sends the reply (see drafts.check_reply). `message` has {external_id,
-- subject, from_address} of the reply, as far as they are known before it is sent; `external_id` is the reply's id in
-- the channel. If the customer wants replies at another address, a person must name that address in
-- `confirmed_recipient`.
-- Raises PT404, PT403 and PT409 as drafts.lock_for_change does, PT403 for an agent, PT400 for a missing argument, and
-- the errors of worker_api.enqueue.
-- call: not repeatable
create or replace function drafts.decide_draft(
  tenant uuid default null, draft uuid default null, decision text default null, version integer default null,
  digest text default null, final_text text default null, final_html text default null, diff jsonb default null,
  reason text default null, code text default null, envelope jsonb default null, message jsonb default null,
  confirmed_recipient text default null, take_over boolean default false, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  locked record;
  draft_row drafts.drafts;
  thread drafts.conversations;
  channel_row drafts.channels;
  reply_text text;
  body_html text;
  is_edited boolean;
  action_row drafts.draft_actions;
  reply drafts.messages;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts(
    'decision', decide_draft.decision, 'digest', decide_draft.digest, 'reason', decide_draft.reason,
    'code', decide_draft.code, 'confirmed_recipient', decide_draft.confirmed_recipient
  );
  if caller.actor_type = 'agent' then
    raise exception 'actor_type: an agent may not decide about a draft' using errcode = 'PT403';
  elsif decision is null or decision not in ('approve', 'edit', 'reject') then
    raise exception 'decision: % is not one of approve, edit, reject', to_jsonb(decision) using errcode = 'PT400';
  elsif version is null then
    raise exception 'version: is required' using errcode = 'PT400';
  elsif digest is null then
    raise exception 'digest: is required' using errcode = 'PT400';
  elsif (decision = 'edit') <> (final_text is not null) then
    raise exception 'final_text: is required to edit, and allowed for nothing else' using errcode = 'PT400';
  elsif (decision = 'reject') <> (code is not null) then
    raise exception 'code: is required to reject, and allowed for nothing else' using errcode = 'PT400';
  elsif (decision <> 'reject') <> (envelope is not null) then
    raise exception 'envelope: is required to approve or edit, and allowed for nothing else' using errcode = 'PT400';
  elsif envelope is not null then
    perform drafts.check_fields('envelope', envelope, '{
      "arguments": "object", "connected_account_id": "text", "id": "id", "metadata": "object", "next_run_at": "moment",
      "risk": "text", "tool_slug": "text", "tool_version": "text", "trust_context": "object"
    }');
  end if;
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  select * into locked from drafts.lock_for_change(caller.tenant_id, draft, me, moment, version, digest, take_over);
  draft_row := locked.made;
  thread := locked.thread;

  if decision = 'reject' then
    insert into drafts.draft_actions as a (
      tenant_id, draft_id, user_id, type, notes, code, version, digest, created_at
    )
    values (
      draft_row.tenant_id, draft_row.id, me.id, 'reject', decide_draft.reason, decide_draft.code, draft_row.version,
      decide_draft.digest, moment
    )
    returning a.* into action_row;
    update drafts.drafts as d set status = 'archived', locked_by = null, locked_until = null
    where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id;
    perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.decided',
      jsonb_build_object(
        'conversation_id', thread.id, 'draft_id', draft_row.id, 'decision', 'reject', 'code', decide_draft.code,
        'digest', decide_draft.digest
      ), moment);
    return jsonb_build_object('draft_id', draft_row.id, 'status', 'archived', 'action_id', action_row.id);
  end if;

  reply_text := coalesce(final_text, draft_row.edited_text, draft_row.suggested_text);
  is_edited := reply_text <> draft_row.suggested_text;
  if is_edited and jsonb_typeof(diff) is distinct from 'object' then
    raise exception 'diff: is required, because the text differs from the suggested one' using errcode = 'PT400';
  end if;
  select * into channel_row from drafts.channels as ch where ch.tenant_id = thread.tenant_id and ch.id = thread.channel_id;
  body_html := case when final_text is not null then final_html
    when draft_row.edited_text is not null then draft_row.edited_html else draft_row.suggested_html end;
  perform drafts.check_reply(envelope, channel_row, thread, reply_text, body_html, draft_row.attachments <> '[]');
  if thread.reply_to is not null and caller.actor_type not in ('user', 'operator') then
    raise exception 'draft: answers go to another address than the customer''s, so a person has to decide'
      using errcode = 'PT403';
  elsif thread.reply_to is not null and confirmed_recipient is distinct from thread.reply_to then
    raise exception 'confirmed_recipient: the reply goes to another address than the customer''s; name it to confirm'
      using errcode = 'PT400';
  end if;

  insert into drafts.messages as m (
    tenant_id, conversation_id, external_id, direction, subject, body_text, body_html, sent_at, received_at,
    from_address, author_user_id, envelope_id, delivery_state
  )
  values (
    thread.tenant_id, thread.id, drafts.thread_key(message ->> 'external_id', 998), 'outbound',
    coalesce(message ->> 'subject', thread.subject), reply_text,
    body_html, moment, moment, message ->> 'from_address', me.id, (envelope ->> 'id')::uuid, 'queued'
  )
  returning m.* into reply;
  insert into drafts.attachments (tenant_id, message_id, file_name, mime_type, size_bytes, file_url, created_at)
  select reply.tenant_id, reply.id, f.file_name, f.mime_type, f.size_bytes, f.file_url, moment
  from jsonb_to_recordset(draft_row.attachments) as f (
    file_name text, mime_type text, size_bytes integer, file_url text
  );
  insert into drafts.draft_actions as a (
    tenant_id, draft_id, user_id, type, final_text, final_html, notes, diff_json, message_id, version, digest, created_at
  )
  values (
    draft_row.tenant_id, draft_row.id, me.id, case when is_edited then 'edit' else 'approve' end, reply_text,
    reply.body_html, decide_draft.reason, case when is_edited then diff end, reply.id, draft_row.version,
    decide_draft.digest, moment
  )
  returning a.* into action_row;
  if is_edited then
    insert into drafts.learning_samples (tenant_id, draft_id, action_id, diff_json, created_at)
    values (draft_row.tenant_id, draft_row.id, action_row.id, diff, moment);
  end if;
  update drafts.drafts as d set status = 'sent', locked_by = null, locked_until = null
  where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id;
  update drafts.conversations as c
  set
    last_message_at = greatest(c.last_message_at, moment),
    unanswered_id = nullif(c.unanswered_id, draft_row.trigger_message_id),
    unanswered_since = case when c.unanswered_id = draft_row.trigger_message_id then null else c.unanswered_since end,
    draft_at = case when c.unanswered_id = draft_row.trigger_message_id then null else c.draft_at end
  where c.tenant_id = thread.tenant_id and c.id = thread.id;
  insert into drafts.audit_positions (tenant_id, seq)   -- begin after the existing audit rows: none of them is about this reply
  select thread.tenant_id, coalesce((
    select h.seq from app_private.audit_heads as h where h.tenant_id = thread.tenant_id
  ), 0)
  on conflict do nothing;

  -- The external_id is the draft's id, so a draft is sent once. The ordering key is the conversation's id, so its replies
  -- go out in their order.
  perform worker_api.enqueue(
    ids => array[reply.envelope_id], tenants => array[draft_row.tenant_id],
    tool_slugs => array[envelope ->> 'tool_slug'], tool_versions => array[envelope ->> 'tool_version'],
    arguments => array[envelope -> 'arguments'],
    connected_account_ids => array[envelope ->> 'connected_account_id'],
    risks => array[coalesce(envelope ->> 'risk', 'low')], external_ids => array[draft_row.id::text],
    trust_contexts => array[coalesce(envelope -> 'trust_context', '{}')],
    metadata => array[
      coalesce(envelope -> 'metadata', '{}') || jsonb_build_object('ordering_key', thread.id, 'draft_id', draft_row.id)
    ],
    next_run_at => array[(envelope ->> 'next_run_at')::timestamptz], actor_type => caller.actor_type,
    actor_id => coalesce(caller.actor_id, 'unnamed'), as_of => decide_draft.as_of, door => caller.door
  );
  perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.decided', jsonb_build_object(
    'conversation_id', thread.id, 'draft_id', draft_row.id, 'decision', action_row.type, 'digest', decide_draft.digest,
    'message_id', reply.id, 'envelope_id', reply.envelope_id,
    'sha256', encode(sha256(convert_to(reply_text, 'UTF8')), 'hex')
  ), moment);
  return jsonb_build_object(
    'draft_id', draft_row.id, 'status', 'sent', 'action_id', action_row.id, 'message_id', reply.id,
    'envelope_id', reply.envelope_id
  );
end
$$;
revoke all on function drafts.decide_draft from public;
grant execute on function drafts.decide_draft to authenticated, service_role, app_rw;
