-- Hide a pending draft from the queue until a time; null shows it again. Returns {draft_id, snoozed_until}. Raises
-- PT404 for an unknown draft, PT400 for a time in the past, and PT409 if the draft is not pending.
-- call: repeatable
create or replace function drafts.snooze_draft(
  tenant uuid default null, draft uuid default null, until timestamptz default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  draft_row drafts.drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if until <= moment or until > moment + interval '1 year' then
    raise exception 'until: must be later than now, and within a year' using errcode = 'PT400';
  end if;
  draft_row := drafts.lock_pending(caller.tenant_id, draft);
  update drafts.drafts as d set snoozed_until = snooze_draft.until
  where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id;
  perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.snoozed', jsonb_build_object(
    'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id, 'until', until
  ), moment);
  return jsonb_build_object('draft_id', draft_row.id, 'snoozed_until', until);
end
$$;
revoke all on function drafts.snooze_draft from public;
grant execute on function drafts.snooze_draft to authenticated, service_role, app_rw;
