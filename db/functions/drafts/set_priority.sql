-- Set the priority of a pending draft: low, normal, high or urgent. The tenant's settings have a span for each
-- priority. The due time moves by the difference between the spans of the new and the old priority. Returns {draft_id,
-- priority, due_at}. Raises PT404, PT400, and PT409 if the draft is not pending.
-- call: repeatable
create or replace function drafts.set_priority(
  tenant uuid default null, draft uuid default null, priority text default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  made drafts.drafts;
  before text;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if priority is null or priority not in ('low', 'normal', 'high', 'urgent') then
    raise exception 'priority: is not one of low, normal, high, urgent' using errcode = 'PT400';
  end if;
  made := drafts.lock_pending(caller.tenant_id, draft);
  before := made.priority;
  if before <> set_priority.priority then
    update drafts.drafts as d
    set
      priority = set_priority.priority,
      due_at = d.due_at + (
        drafts.due_minutes(d.tenant_id, set_priority.priority) - drafts.due_minutes(d.tenant_id, before)
      ) * interval '1 minute'
    where d.tenant_id = made.tenant_id and d.id = made.id
    returning d.* into made;
    perform drafts.add_audit(made.tenant_id, caller.actor_type, caller.actor_id, 'draft.prioritized', jsonb_build_object(
      'conversation_id', made.conversation_id, 'draft_id', made.id, 'priority', made.priority, 'before', before
    ), moment);
  end if;
  return jsonb_build_object('draft_id', made.id, 'priority', made.priority, 'due_at', made.due_at);
end
$$;
revoke all on function drafts.set_priority from public;
grant execute on function drafts.set_priority to authenticated, service_role, app_rw;
