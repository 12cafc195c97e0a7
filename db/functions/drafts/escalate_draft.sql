-- Hand a pending draft to the admins, with a reason. From now on only an admin may edit it or decide. Returns
-- {draft_id, escalated_at}. Raises PT404 for an unknown draft, PT400 if there is no reason, and PT409 if the draft is
-- not pending or was escalated before.
-- call: not repeatable
create or replace function drafts.escalate_draft(
  tenant uuid default null, draft uuid default null, reason text default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  draft_row drafts.drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts('reason', escalate_draft.reason);
  if coalesce(reason, '') = '' then
    raise exception 'reason: is required' using errcode = 'PT400';
  end if;
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  draft_row := drafts.lock_pending(caller.tenant_id, draft);
  if draft_row.escalated_at is not null then
    raise exception 'draft: % was escalated before', draft_row.id using errcode = 'PT409';
  end if;
  update drafts.drafts as d
  set escalated_at = moment, escalated_by = me.id, escalated_reason = escalate_draft.reason, assignee_user_id = null,
    locked_by = null, locked_until = null
  where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id;
  insert into drafts.notifications (tenant_id, user_id, type, payload, created_at)
  select u.tenant_id, u.id, 'draft.escalated', jsonb_build_object(
    'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id
  ), moment
  from drafts.users as u where u.tenant_id = draft_row.tenant_id and u.role = 'admin' and u.auth_provider <> 'system';
  perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.escalated',
      jsonb_build_object(
        'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id
      ), moment);
  return jsonb_build_object('draft_id', draft_row.id, 'escalated_at', moment);
end
$$;
revoke all on function drafts.escalate_draft from public;
grant execute on function drafts.escalate_draft to authenticated, service_role, app_rw;
