-- Pending drafts about which the application has to decide now, the oldest first: their topic is in shadow or automatic
-- mode, a drafter wrote them, the application has not decided about them, and no person has edited, locked, escalated
-- or snoozed them. A list of {draft_id, conversation_id, version, digest, topic, mode, confidence, sources,
-- has_other_recipient, is_answer_to_newest, was_answered_automatically, instruction}. For operators.
-- call: repeatable
create or replace function drafts.list_automatic_candidates(
  max_drafts integer default 100,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_sort = off as $$
declare
  caller record;
  programs uuid[];
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  programs := array(
    select u.id from drafts.users as u where u.tenant_id = caller.tenant_id and u.auth_provider = 'system'
  );
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'draft_id', d.id, 'conversation_id', d.conversation_id, 'version', d.version, 'digest', d.digest,
      'topic', d.topic, 'mode', d.mode, 'confidence', d.confidence, 'sources', d.sources,
      'has_other_recipient', d.has_other_recipient, 'is_answer_to_newest', d.is_answer_to_newest,
      'was_answered_automatically', d.was_answered_automatically, 'instruction', d.instruction
    ) order by d.due_at, d.id), '[]')
    from (
      select
        d.id, d.conversation_id, d.version, drafts.digest_of(d, c) as digest, d.topic, r.mode, d.confidence,
        jsonb_array_length(d.top_sources) as sources, c.reply_to is not null as has_other_recipient,
        c.unanswered_id is not distinct from d.trigger_message_id as is_answer_to_newest, d.instruction, d.due_at,
        exists (
          select
          from (
            select * from drafts.drafts as t
            where t.tenant_id = d.tenant_id and t.conversation_id = d.conversation_id offset 0
          ) as o
          cross join lateral (
            select * from drafts.draft_actions as t where t.tenant_id = o.tenant_id and t.draft_id = o.id offset 0
          ) as a
          where o.status = 'sent' and a.user_id = any (programs)
        ) as was_answered_automatically
      -- read in the order of the queue; `offset 0` makes the joins below look up one draft after the other
      from drafts.drafts as d
      cross join lateral (
        select * from drafts.topic_rules as t where t.tenant_id = d.tenant_id and t.topic = d.topic offset 0
      ) as r
      cross join lateral (
        select * from drafts.conversations as t where t.tenant_id = d.tenant_id and t.id = d.conversation_id offset 0
      ) as c
      where d.tenant_id = caller.tenant_id and d.status = 'pending' and r.mode in ('shadow', 'automatic')
        and d.edited_by is null and d.locked_by is null and d.escalated_at is null and d.snoozed_until is null
        and d.author_user_id is null
        and not exists (
          select from drafts.automatic_decisions as a where a.tenant_id = d.tenant_id and a.draft_id = d.id offset 0
        )
      order by d.due_at, d.id
      limit least(max_drafts, 1000)
    ) as d
  );
end
$$;
revoke all on function drafts.list_automatic_candidates from public;
grant execute on function drafts.list_automatic_candidates to service_role, app_rw;
