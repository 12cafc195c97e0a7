-- The questions of customers and the answers of people, from approved drafts, the oldest first. The list begins after
-- the action with the time `after_moment` and the id `after_id`. A list of {action_id, created_at, conversation_id,
-- draft_id, question, answer, customer_name}. For owners and reviewers. Raises PT404 and PT403 as
-- app_private.acting_caller does.
-- call: repeatable
create or replace function drafts.list_answered(
  after_moment timestamptz default null, after_id uuid default null, max_answers integer default 100,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_sort = off as $$   -- a page is read in the order of an index
declare
  caller record;
  programs uuid[];   -- the users that are programs of ours: they approve automatically
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  programs := array(
    select u.id from drafts.users as u where u.tenant_id = caller.tenant_id and u.auth_provider = 'system'
  );
  return (
    select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.action_id), '[]')
    from (
      select
        a.id as action_id, a.created_at, d.conversation_id, d.id as draft_id, m.body_text as question,
        coalesce(a.final_text, d.suggested_text) as answer, c.customer_name
      from drafts.draft_actions as a
      cross join lateral (   -- one look-up per action: otherwise the planner would read all drafts that were sent
        select t.* from drafts.drafts as t where t.tenant_id = a.tenant_id and t.id = a.draft_id offset 0
      ) as d
      join drafts.messages as m on m.tenant_id = a.tenant_id and m.id = d.trigger_message_id
      join drafts.conversations as c on c.tenant_id = a.tenant_id and c.id = d.conversation_id
      where a.tenant_id = caller.tenant_id and a.type in ('approve', 'edit') and d.status = 'sent'
        and a.user_id <> all (programs)
        and (a.created_at, a.id) > (
          coalesce(after_moment, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
      order by a.created_at, a.id
      limit least(max_answers, 1000)
    ) as a
  );
end
$$;
revoke all on function drafts.list_answered from public;
grant execute on function drafts.list_answered to authenticated, service_role, app_rw;
