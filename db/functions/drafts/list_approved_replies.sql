-- The newest approved replies that began as drafts of the drafter, each with its question. An evaluation drafts a new
-- reply to the question and compares it with the approved one. A list of {draft_id, conversation_id, channel_type,
-- subject, question, asked_at, final, sources, topic}. Archived conversations are left out. For operators.
-- call: repeatable
create or replace function drafts.list_approved_replies(
  max_replies integer default 100,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_sort = off as $$   -- the newest are read in the order of an index
declare
  caller record;
  programs uuid[];   -- the users that are programs of ours: they approve automatically
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  programs := array(
    select u.id from drafts.users as u where u.tenant_id = caller.tenant_id and u.auth_provider = 'system'
  );
  return (
    select coalesce(jsonb_agg(to_jsonb(r) order by r.decided_at desc, r.draft_id), '[]')
    from (
      select
        d.id as draft_id, d.conversation_id, ch.type as channel_type, c.subject, m.body_text as question,
        m.sent_at as asked_at, a.final_text as final,
        coalesce((
          select jsonb_agg(source ->> 'url') from jsonb_array_elements(d.top_sources) as source
        ), '[]') as sources,
        d.topic, a.created_at as decided_at
      from drafts.draft_actions as a
      cross join lateral (   -- one look-up per action: otherwise the planner would read all drafts that have no author
        select t.* from drafts.drafts as t where t.tenant_id = a.tenant_id and t.id = a.draft_id offset 0
      ) as d
      join drafts.messages as m on m.tenant_id = a.tenant_id and m.id = d.trigger_message_id and m.archived_at is null
      join drafts.conversations as c on c.tenant_id = a.tenant_id and c.id = d.conversation_id
      join drafts.channels as ch on ch.tenant_id = a.tenant_id and ch.id = c.channel_id
      where a.tenant_id = caller.tenant_id and a.type <> 'reject' and a.final_text <> '' and d.author_user_id is null
        and a.user_id <> all (programs)
      order by a.created_at desc, a.id desc
      limit least(max_replies, 1000)
    ) as r
  );
end
$$;
revoke all on function drafts.list_approved_replies from public;
grant execute on function drafts.list_approved_replies to service_role, app_rw;
