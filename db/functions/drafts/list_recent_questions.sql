-- What customers asked in the conversations that people answered last, the newest answer first. A list of
-- {conversation_id, topic, question}. For owners and reviewers. Raises PT404 and PT403 as app_private.acting_caller
-- does.
-- call: repeatable
create or replace function drafts.list_recent_questions(
  max_questions integer default 500, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_sort = off as $$   -- read in the order of an index
declare
  caller record;
  programs uuid[];   -- the users that are programs of ours: they approve automatically
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  programs := array(
    select u.id from drafts.users as u where u.tenant_id = caller.tenant_id and u.auth_provider = 'system'
  );
  return (
    select coalesce(jsonb_agg(to_jsonb(q) - array['created_at', 'id'] order by q.created_at desc, q.id desc), '[]')
    from (
      select a.created_at, a.id, d.conversation_id, d.topic, left(m.body_text, 4000) as question
      from drafts.draft_actions as a
      cross join lateral (   -- one look-up per action: otherwise the planner would read all drafts that were sent
        select t.* from drafts.drafts as t where t.tenant_id = a.tenant_id and t.id = a.draft_id offset 0
      ) as d
      join drafts.messages as m on m.tenant_id = a.tenant_id and m.id = d.trigger_message_id
      where a.tenant_id = caller.tenant_id and a.type in ('approve', 'edit') and d.status = 'sent'
        and a.user_id <> all (programs)
      order by a.created_at desc, a.id desc
      limit least(max_questions, 1000)
    ) as q
  );
end
$$;
revoke all on function drafts.list_recent_questions from public;
grant execute on function drafts.list_recent_questions to authenticated, service_role, app_rw;
