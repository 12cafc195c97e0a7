-- Record that the drafter found no answer to the message `trigger_message`, so a person has to write one. Returns
-- {saved}. If the conversation has changed since (a new message, an answer, or its end), nothing is stored and `saved`
-- is false.
-- call: repeatable
create or replace function drafts.save_abstention(
  tenant uuid default null, conversation uuid default null, trigger_message uuid default null,
  reason text default null, best_score double precision default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  thread drafts.conversations;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'agent');
  perform app_private.check_texts('reason', save_abstention.reason);
  select * into thread from drafts.conversations as c
  where c.tenant_id = caller.tenant_id and c.id = save_abstention.conversation for no key update;
  if thread.id is null then
    raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
  elsif thread.unanswered_id is distinct from trigger_message then
    return jsonb_build_object('saved', false);
  end if;
  update drafts.conversations as c
  set draft_at = null, draft_instruction = null, abstained_at = moment, abstained_reason = save_abstention.reason
  where c.tenant_id = thread.tenant_id and c.id = thread.id;
  perform drafts.notify(thread.tenant_id, null, 'draft.abstained', jsonb_build_object(
    'conversation_id', thread.id, 'message_id', trigger_message
  ), moment);
  perform drafts.add_audit(thread.tenant_id, caller.actor_type, caller.actor_id, 'draft.abstained', jsonb_build_object(
    'conversation_id', thread.id, 'message_id', trigger_message, 'best_score', best_score
  ), moment);
  return jsonb_build_object('saved', true);
end
$$;
revoke all on function drafts.save_abstention from public;
grant execute on function drafts.save_abstention to authenticated, service_role, app_rw;
