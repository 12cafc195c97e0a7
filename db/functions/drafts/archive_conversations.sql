-- Blank the texts of conversations that have been quiet for as many days as the tenant's settings say: subjects,
-- bodies, addresses and metadata of messages, names of files, drafts, and edits. Decisions, sources and costs are kept.
-- The conversation also keeps the customer's address, so that it can still be erased. Conversations with a pending
-- draft or an unsent reply are skipped. Blanks at most `max_conversations`, the longest quiet first. For operators.
-- Returns {conversations, messages}.
-- call: repeatable
create or replace function drafts.archive_conversations(
  max_conversations integer default 200, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  quiet_since timestamptz;
  threads uuid[];
  blanked integer;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  select moment - s.archive_after_days * interval '1 day' into quiet_since
  from drafts.settings as s where s.tenant_id = caller.tenant_id;
  if quiet_since is null then
    return jsonb_build_object('conversations', 0, 'messages', 0);
  end if;
  select array_agg(due.id) into threads
  from (
    select c.id from drafts.conversations as c
    where c.tenant_id = caller.tenant_id and coalesce(c.last_message_at, c.created_at) < quiet_since
      and (c.archived_at is null or c.archived_at < c.last_message_at)
      and not exists (
        select from drafts.drafts as d
        where d.tenant_id = c.tenant_id and d.conversation_id = c.id and d.status = 'pending'
      )
      and not exists (
        select from drafts.messages as m
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.delivery_state in ('queued', 'unknown')
      )
    order by coalesce(c.last_message_at, c.created_at), c.id
    limit max_conversations
    for update skip locked
  ) as due;
  if threads is null then
    return jsonb_build_object('conversations', 0, 'messages', 0);
  end if;

  update drafts.attachments as f set file_name = '', file_url = '', note = null
  from drafts.messages as m
  where m.tenant_id = caller.tenant_id and m.conversation_id = any (threads)
    and f.tenant_id = m.tenant_id and f.message_id = m.id;
  update drafts.messages as m
  set subject = null, body_text = '', body_html = null, metadata = '{}', from_address = null, reply_to = null,
      delivery_error = null, archived_at = moment
  where m.tenant_id = caller.tenant_id and m.conversation_id = any (threads) and m.archived_at is null;
  get diagnostics blanked = row_count;
  update drafts.learning_samples as s
  set embeddings_json = null, diff_json = s.diff_json || '{"operations": []}'
  from drafts.drafts as d
  where d.tenant_id = caller.tenant_id and d.conversation_id = any (threads)
    and s.tenant_id = d.tenant_id and s.draft_id = d.id;
  update drafts.draft_actions as a
  set final_text = '', final_html = null, notes = null,
      diff_json = case when a.diff_json is not null then a.diff_json || '{"operations": []}' end
  from drafts.drafts as d
  where d.tenant_id = caller.tenant_id and d.conversation_id = any (threads)
    and a.tenant_id = d.tenant_id and a.draft_id = d.id;
  update drafts.drafts as d
  set suggested_text = '', suggested_html = null, edited_text = null, edited_html = null, instruction = null,
      attachments = '[]', escalated_reason = null
  where d.tenant_id = caller.tenant_id and d.conversation_id = any (threads);
  update drafts.conversations as c
  set subject = null, draft_instruction = null, abstained_reason = null, archived_at = moment
  where c.tenant_id = caller.tenant_id and c.id = any (threads);

  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'drafts.archived', jsonb_build_object(
    'conversations', cardinality(threads), 'messages', blanked, 'quiet_since', quiet_since
  ), moment);
  return jsonb_build_object('conversations', cardinality(threads), 'messages', blanked);
end
$$;
revoke all on function drafts.archive_conversations from public;
grant execute on function drafts.archive_conversations to service_role, app_rw;
