-- Set the priority of a pending draft: low, normal, high or urgent. The tenant's settings have a span for each
-- priority. The due time moves by the difference between the spans of the new and the old priority. Returns {draft_id,
-- priority, due_at}. Raises PT404 for an unknown draft, PT400 for another priority, and PT409 if the draft is not
-- pending.
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
  draft_row drafts.drafts;
  before text;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if priority is null or priority not in ('low', 'normal', 'high', 'urgent') then
    raise exception 'priority: is not one of low, normal, high, urgent' using errcode = 'PT400';
  end if;
  draft_row := drafts.lock_pending(caller.tenant_id, draft);
  before := draft_row.priority;
  if before <> set_priority.priority then
    update drafts.drafts as d
    set
      priority = set_priority.priority,
      due_at = d.due_at + (
        drafts.due_minutes(d.tenant_id, set_priority.priority) - drafts.due_minutes(d.tenant_id, before)
      ) * interval '1 minute'
    where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id
    returning d.* into draft_row;
    perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.prioritized',
      jsonb_build_object(
        'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id, 'priority', draft_row.priority,
        'before', before
      ), moment);
  end if;
  return jsonb_build_object('draft_id', draft_row.id, 'priority', draft_row.priority, 'due_at', draft_row.due_at);
end
$$;
revoke all on function drafts.set_priority from public;
grant execute on function drafts.set_priority to authenticated, service_role, app_rw;
