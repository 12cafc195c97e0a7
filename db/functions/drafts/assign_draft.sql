-- Assign a pending draft to a user, who is notified, or to nobody (null). Returns {draft_id, assignee_user_id}. Raises
-- PT404 for an unknown draft or user, and PT409 if the draft is not pending.
-- call: repeatable
create or replace function drafts.assign_draft(
  tenant uuid default null, draft uuid default null, assignee uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  draft_row drafts.drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if assignee is not null and not exists (
    select from drafts.users as u where u.tenant_id = caller.tenant_id and u.id = assign_draft.assignee
  ) then
    raise exception 'assignee: no user %', assignee using errcode = 'PT404';
  end if;
  draft_row := drafts.lock_pending(caller.tenant_id, draft);
  if draft_row.assignee_user_id is distinct from assignee then
    update drafts.drafts as d set assignee_user_id = assign_draft.assignee
    where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id;
    if assignee is not null then
      perform drafts.notify(draft_row.tenant_id, assign_draft.assignee, 'draft.assigned', jsonb_build_object(
        'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id
      ), moment);
    end if;
    perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.assigned',
      jsonb_build_object(
        'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id, 'user_id', assign_draft.assignee
      ), moment);
  end if;
  return jsonb_build_object('draft_id', draft_row.id, 'assignee_user_id', assignee);
end
$$;
revoke all on function drafts.assign_draft from public;
grant execute on function drafts.assign_draft to authenticated, service_role, app_rw;
